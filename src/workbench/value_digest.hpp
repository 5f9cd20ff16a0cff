// A number that says whether two values are the same, bit by bit, without keeping them.
#pragma once

#include <cstdint>
#include <span>

#include "tensor/runtime_value.hpp"

namespace slipway::workbench {

// Over kinds, element types, dimensions and elements (FNV-1a, 64 bits): equal values have equal digests on
// every machine of one byte order; others, but for chance, have not.
uint64_t digest_of(std::span<const RuntimeValue> values);

}  // namespace slipway::workbench
