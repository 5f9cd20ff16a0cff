// What a pipeline sets aside of a picture while the network works on the rest: single planes of samples
// (alpha, the two colour differences), enlarged row by row when the result is written.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/resize_axis.hpp"

namespace slipway::pipeline {

// height × width values, row after row; empty when there is none.
struct Plane {
  int64_t height = 0;
  int64_t width = 0;
  CountedVector<float> values;
  bool empty() const { return values.empty(); }
};

// Bicubic enlargement by a whole factor: Keys' kernel with a = −0.5, taps outside left out, as Pillow's
// BICUBIC.
class PlaneEnlarger {
 public:
  // Keeps the plane by reference.
  PlaneEnlarger(const Plane& plane, int scale);
  // Row y of scale · height, scale · width values, valid until the next call.
  const std::vector<float>& row(int64_t y);

 private:
  const Plane& plane_;
  ops::ResizeAxis vertical_;
  ops::ResizeAxis horizontal_;
  std::vector<float> line_;
  std::vector<float> row_;
};

}  // namespace slipway::pipeline
