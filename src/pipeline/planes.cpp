#include "pipeline/planes.hpp"

namespace slipway::pipeline {
namespace {

ops::ResizeAxis enlarged(int64_t size, int scale) {
  ops::ResizeParameters parameters;
  parameters.mode = ops::ResizeMode::kCubic;
  parameters.cubic_coeff_a = -0.5;
  parameters.exclude_outside = true;
  return ops::plan_resize_axis(parameters, size, size * scale, scale);
}

}  // namespace

PlaneEnlarger::PlaneEnlarger(const Plane& plane, int scale)
    : plane_(plane),
      vertical_(enlarged(plane.height, scale)),
      horizontal_(enlarged(plane.width, scale)),
      line_(static_cast<size_t>(plane.width)),
      row_(static_cast<size_t>(plane.width * scale)) {}

const std::vector<float>& PlaneEnlarger::row(int64_t y) {
  const size_t width = line_.size();
  std::fill(line_.begin(), line_.end(), 0.0f);
  for (int64_t place = y * vertical_.taps; place < (y + 1) * vertical_.taps; ++place) {
    const float weight = vertical_.weights[static_cast<size_t>(place)];
    const float* from =
        plane_.values.data() + static_cast<size_t>(vertical_.indices[static_cast<size_t>(place)]) * width;
    for (size_t x = 0; x < width; ++x) line_[x] += weight * from[x];
  }
  const size_t taps = static_cast<size_t>(horizontal_.taps);
  for (size_t x = 0; x < row_.size(); ++x) {
    float sum = 0.0f;
    for (size_t place = x * taps; place < (x + 1) * taps; ++place)
      sum += horizontal_.weights[place] * line_[static_cast<size_t>(horizontal_.indices[place])];
    row_[x] = sum;
  }
  return row_;
}

}  // namespace slipway::pipeline
