// A run of f32 numbers as integers of 8 or 16 bits, by the rules of QuantizeLinear: divided, rounded half to
// even, shifted, saturated; what is no number becomes the lowest one.
#pragma once

#include <cstdint>

#include "tensor/data_type.hpp"

namespace slipway::engine {

struct QuantizeRun {
  DataType type;          // of `out` and the zero points: u8, i8, u16 or i16
  float lowest, highest;  // may be less than the type has
  const float* in;
  void* out;
  int64_t count;
  const float* scales;      // one, or one for each number
  const void* zero_points;  // as many, or nullptr for zeros
  bool each;
};

void quantize_run(const QuantizeRun& run);

// From the lowest to the highest of the numbers and 0; NaN is neither.
struct FloatRange {
  float lowest = 0, highest = 0;
};
FloatRange range_of(const float* in, int64_t count);

}  // namespace slipway::engine
