// How far a value is from another one that should be the same.
#pragma once

#include <limits>
#include <optional>
#include <string>

#include "tensor/runtime_value.hpp"

namespace slipway::workbench {

// Floats may be |b - a| ≤ absolute + relative · (the largest finite |a| of the tensor) apart; NaN and
// infinities stand in the same places. Integers, booleans and strings are equal.
struct Tolerance {
  std::optional<double> relative;  // nothing: default_relative() of the coarser of the two element types
  double absolute = 1e-7;
};

// 1e-4 for f64 and f32, 5e-3 for f16, 4e-2 for bf16, 0.25 for floats of 8 bits and less; 0 for others.
double default_relative(DataType type);

struct Deviation {
  bool exceeds = false;  // the tolerance
  double largest = 0;    // |b - a|; infinite where only one of the two is finite, or they cannot be compared
  double scale = 0;      // the largest finite |a|
  // Of the element where it is the largest: "[0,3,12,7]" and what stands there. "" when all are equal.
  std::string place, a, b;
  // Why the elements were not compared: "f32[1,64] and f32[1,32]". "" when they were.
  std::string form;

  // The largest difference as a part of the tensor's largest value; 0 when there is no difference.
  double relative() const {
    if (largest == 0) return 0;
    return scale > 0 ? largest / scale : std::numeric_limits<double>::infinity();
  }
};

// Floats of different types are compared as numbers, and so are integers of different types. Sequences by
// their worst element; maps have to hold the same keys.
Deviation measure(const RuntimeValue& a, const RuntimeValue& b, const Tolerance& tolerance);

}  // namespace slipway::workbench
