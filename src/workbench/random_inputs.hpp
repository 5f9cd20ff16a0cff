// Inputs for a model that nobody has inputs for.
#pragma once

#include <cstdint>

#include "tensor/tensor.hpp"

namespace slipway::workbench {

// Floating-point elements lie evenly in [0, 1), integers are 0 or 1 (which every index and mask can be),
// bools either, strings "0" or "1"; the imaginary part of complex numbers is random too. The same seed makes
// the same tensor on every machine. Throws kUnsupported for types below 8 bits.
Tensor random_tensor(DataType type, const Dims& dims, uint64_t seed);

}  // namespace slipway::workbench
