#include "ops/footprint.hpp"

#include <algorithm>

namespace slipway::ops {

Region footprint_elementwise(const ShapeContext& context, size_t index, const Region& region) {
  const Dims& dims = context.inputs[index];
  // Broadcasting aligns the last axes.
  const size_t skipped = region.size() - dims.size();
  Region needed(dims.size());
  for (size_t axis = 0; axis < dims.size(); ++axis)
    needed[axis] = dims[axis] == 1 ? Interval{0, 1} : region[axis + skipped];
  return needed;
}

Interval footprint_window(Interval output, int64_t input_size, int64_t kernel, int64_t stride,
                          int64_t dilation, int64_t pad_begin) {
  if (output.size() <= 0) return {0, 0};
  const int64_t begin = output.begin * stride - pad_begin;
  const int64_t end = (output.end - 1) * stride - pad_begin + (kernel - 1) * dilation + 1;
  const Interval clipped{std::clamp<int64_t>(begin, 0, input_size), std::clamp<int64_t>(end, 0, input_size)};
  return clipped.begin < clipped.end ? clipped : Interval{clipped.begin, clipped.begin};
}

}  // namespace slipway::ops
