#include "engine/program/row_collector.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/body.hpp"
#include "ops/element_mover.hpp"
#include "tensor/packed.hpp"

namespace slipway::engine {
namespace {

constexpr int64_t kFirstRows = 8;

Dims with_axis(Dims dims, size_t axis, int64_t size) {
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), size);
  return dims;
}

// Elements that share a byte are written one by one: the rest of their byte must be something.
Tensor allocate_rows(Frame& frame, DataType type, Dims dims) {
  Tensor rows = frame.allocate(type, std::move(dims));
  if (is_packed(type)) std::fill_n(static_cast<std::byte*>(rows.raw()), rows.bytes(), std::byte{0});
  return rows;
}

}  // namespace

void RowCollector::begin(std::optional<int64_t> length) {
  length_ = length;
  count_ = 0;
  collected_ = Tensor();
}

void RowCollector::add(Frame& frame, const Rows& rows) {
  const Tensor& row = *frame.tensor(rows.slot);
  if (count_ == 0) start(frame, rows, row);
  if (row.type() != collected_.type() || row.dims() != row_dims_)
    fail(ErrorCode::kInvalidArgument, "output {}: round {} makes {}, but the rounds before made {}{}",
         rows.output, count_, row.describe(), name_of(collected_.type()), to_string(row_dims_));
  if (count_ == collected_.dim(axis_)) grow(frame);
  const ops::AxisSplit all = ops::split_at(collected_.dims(), axis_);
  const int64_t place = rows.reversed ? all.size - 1 - count_ : count_;
  const ops::ElementMover mover(row, collected_);
  for (int64_t outer = 0; outer < all.outer; ++outer)
    mover.move(outer * all.inner, (outer * all.size + place) * all.inner, all.inner);
  ++count_;
}

void RowCollector::start(Frame& frame, const Rows& rows, const Tensor& row) {
  axis_ = ops::normalize_axis(rows.axis, row.rank() + 1);
  row_dims_ = row.dims();
  collected_ = allocate_rows(frame, row.type(), with_axis(row_dims_, axis_, length_.value_or(kFirstRows)));
}

void RowCollector::grow(Frame& frame) {
  Tensor larger = allocate_rows(frame, collected_.type(), with_axis(row_dims_, axis_, 2 * count_));
  ops::ElementMover(collected_, larger).move(0, 0, collected_.count());
  collected_ = std::move(larger);
}

void RowCollector::end(ops::KernelContext& context, const Rows& rows) {
  if (!context.wants_output(rows.output)) return;
  if (count_ == 0) return ops::collect_rows(context, rows.output, {}, rows.axis, rows.type);
  Tensor result = std::move(collected_);
  if (count_ < result.dim(axis_))
    result = Tensor(result.type(), with_axis(row_dims_, axis_, count_), result.buffer());
  context.set_output(rows.output, std::move(result));
}

}  // namespace slipway::engine
