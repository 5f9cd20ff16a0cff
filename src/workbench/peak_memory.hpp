// The most memory that this process has held.
#pragma once

#include <cstdint>

namespace slipway::workbench {

// Bytes of resident memory at its highest since the program began (Linux's VmHWM, which unlike getrusage does
// not inherit what the program that started this one held). 0 when the system does not tell.
uint64_t peak_resident_bytes();

}  // namespace slipway::workbench
