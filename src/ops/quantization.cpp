#include "ops/quantization.hpp"

#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/inference_context.hpp"

namespace slipway::ops {
namespace {

int64_t checked_block_size(const Node& node, const Dims& dims, const Dims& scale, size_t axis) {
  const int64_t block = node.int_attribute("block_size", 0);
  if (block < 1)
    fail(ErrorCode::kInvalidModel,
         "the scale has shape {}, one a block, but block_size is {}: it must be at least 1", to_string(scale),
         block);
  Dims expected = dims;
  expected[axis] = dims[axis] / block + (dims[axis] % block != 0);
  if (scale != expected)
    fail(ErrorCode::kInvalidModel,
         "the scale has shape {}, but {} is expected: one for each block of {} along axis {} of {}",
         to_string(scale), to_string(expected), block, axis, to_string(dims));
  return block;
}

}  // namespace

Granularity::Granularity(const Node& node, const Dims& dims, const Dims& scale) {
  const int64_t count = element_count(dims);  // Its parts fit, too.
  if (scale.empty() || scale == Dims{1}) {
    inner_ = count;
    return;
  }
  // A vector has no other axis than its own, whatever the attribute says.
  const size_t axis = dims.size() == 1 ? 0 : normalize_axis(node.int_attribute("axis", 1), dims.size());
  const AxisSplit split = split_at(dims, axis);
  outer_ = split.outer, size_ = split.size, inner_ = split.inner;
  if (scale.size() == 1 && node.int_attribute("block_size", 0) == 0) {
    if (scale[0] != split.size)
      fail(ErrorCode::kInvalidModel, "there are {} scales, but axis {} of {} has {} places", scale[0], axis,
           to_string(dims), split.size);
    place_stride_ = 1;
    return;
  }
  block_ = checked_block_size(node, dims, scale, axis);
  outer_stride_ = scale[axis] * split.inner, place_stride_ = split.inner, inner_stride_ = 1;
}

std::optional<IntegerRange> integer_range(DataType type) {
  if (!is_integer(type)) return std::nullopt;
  const int bits = bits_of(type);
  const bool is_signed = type == DataType::kInt8 || type == DataType::kInt16 || type == DataType::kInt4 ||
                         type == DataType::kInt2;
  const double count = std::ldexp(1.0, bits);
  return is_signed ? IntegerRange{-count / 2, count / 2 - 1} : IntegerRange{0, count - 1};
}

}  // namespace slipway::ops
