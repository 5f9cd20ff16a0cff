// libFuzzer changes bytes, which seldom leaves a file that can be read. Half of the time its content is
// damaged instead.
#include "fuzz/custom_mutator.hpp"

#include <algorithm>
#include <cstdint>

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  if (seed % 2 == 0) {
    const std::string file(reinterpret_cast<const char*>(data), size);
    const std::string changed = slipway::fuzz::damaged(file, seed);
    if (!changed.empty() && changed.size() <= max_size) {
      std::copy(changed.begin(), changed.end(), data);
      return changed.size();
    }
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
