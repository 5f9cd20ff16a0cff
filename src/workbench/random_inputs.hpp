// Inputs for a model that nobody has inputs for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "backends/backend.hpp"
#include "tensor/tensor.hpp"
#include "workbench/input_shapes.hpp"

namespace slipway::workbench {

// Floating-point elements lie evenly in [0, 1), integers are 0 or 1 (which every index and mask can be),
// bools either, strings "0" or "1"; the imaginary part of complex numbers is random too. The same seed makes
// the same tensor on every machine. Throws kUnsupported for types below 8 bits.
Tensor random_tensor(DataType type, const Dims& dims, uint64_t seed);

// Values for the ports: those of `values` by name, else random ones of the sizes that choose_shapes()
// chooses; empty for inputs that may be left out. Throws kInvalidArgument naming the input for which neither
// `shapes` nor the model states sizes, or a name that is no input's.
using InputValues = std::map<std::string, RuntimeValue, std::less<>>;
std::vector<RuntimeValue> make_inputs(const Model& model, const std::vector<backends::Port>& ports,
                                      const InputShapes& shapes, const InputValues& values, uint64_t seed);

}  // namespace slipway::workbench
