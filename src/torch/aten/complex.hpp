// Complex numbers in a model: pairs of reals along the last axis (ir/complex_pairs.hpp).
#pragma once

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// Each with a last axis of 1.
struct Parts {
  Value* real = nullptr;
  Value* imaginary = nullptr;
};
Parts parts_of(Conversion& c, Value* pairs);
Value* pairs_of(Conversion& c, const Parts& parts);

// An argument, complex or real, tensor or number, as pairs of reals of type `part`.
Value* pair_operand(Conversion& c, std::string_view argument, DataType part);

// The conjugates of pairs.
Value* conjugated(Conversion& c, Value* pairs, DataType part);

}  // namespace slipway::torch::aten
