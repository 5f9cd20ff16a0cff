#include "workbench/peak_memory.hpp"

#include <fstream>
#include <string>

namespace slipway::workbench {

uint64_t peak_resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string field; status >> field;) {
    uint64_t kilobytes = 0;
    if (field == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace slipway::workbench
