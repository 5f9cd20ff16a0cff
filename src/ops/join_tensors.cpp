#include "ops/join_tensors.hpp"

#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/element_mover.hpp"

namespace slipway::ops {
namespace {

Dims joined_dims(std::span<const Tensor> parts, size_t axis) {
  Dims dims = parts[0].dims();
  for (const Tensor& part : parts.subspan(1)) {
    if (part.type() != parts[0].type())
      fail(ErrorCode::kInvalidArgument, "{} and {} cannot be joined: they differ in type",
           parts[0].describe(), part.describe());
    Dims next = part.dims();
    if (next.size() != dims.size())
      fail(ErrorCode::kInvalidArgument, "{} and {} cannot be joined: they differ in rank",
           parts[0].describe(), part.describe());
    const int64_t size = next[axis];
    next[axis] = dims[axis];
    if (next != dims)
      fail(ErrorCode::kInvalidArgument, "{} and {} cannot be joined along axis {}: other axes differ",
           parts[0].describe(), part.describe(), axis);
    dims[axis] += size;
  }
  return dims;
}

}  // namespace

void concatenate(KernelContext& context, size_t output, std::span<const Tensor> parts, size_t axis) {
  const Dims dims = joined_dims(parts, axis);
  Tensor& joined = context.make_output(output, parts[0].type(), dims);
  const AxisSplit all = split_at(dims, axis);
  int64_t begin = 0;
  for (const Tensor& part : parts) {
    const ElementMover mover(part, joined);
    const int64_t run = part.dim(axis) * all.inner;
    for (int64_t outer = 0; outer < all.outer; ++outer)
      mover.move(outer * run, (outer * all.size + begin) * all.inner, run);
    begin += part.dim(axis);
  }
}

void stack(KernelContext& context, size_t output, std::span<const Tensor> parts, size_t axis) {
  CountedVector<Tensor> rows;
  rows.reserve(parts.size());
  for (const Tensor& part : parts) {
    if (part.dims() != parts[0].dims())
      fail(ErrorCode::kInvalidArgument, "{} and {} cannot be stacked: they differ in shape",
           parts[0].describe(), part.describe());
    Dims dims = part.dims();
    dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    rows.push_back(part.reshaped(std::move(dims)));
  }
  concatenate(context, output, rows, axis);
}

}  // namespace slipway::ops
