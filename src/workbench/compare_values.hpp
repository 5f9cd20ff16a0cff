// Is a value the expected one, within bounds?
#pragma once

#include <string>

#include "tensor/runtime_value.hpp"

namespace slipway::workbench {

// |got - expected| ≤ absolute + relative · |expected|, for floats and complex numbers. Integers, booleans and
// strings are equal or not.
struct Bounds {
  double relative = 0;
  double absolute = 0;
};

// "" when the values agree: kind, element type, shape, elements; NaN equals NaN. Otherwise what differs: for
// elements how many, the largest difference, where it is, what is there and what was expected.
std::string difference(const RuntimeValue& got, const RuntimeValue& expected, const Bounds& bounds);

// The same for what can be said of values that are random: kind, element type, shape.
std::string form_difference(const RuntimeValue& got, const RuntimeValue& expected);

}  // namespace slipway::workbench
