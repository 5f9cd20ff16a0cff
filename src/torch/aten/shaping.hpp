// Nodes that only move elements, left out where nothing would move.
#pragma once

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// Axis i of the result is axis order[i] of `value`.
Value* transpose(Conversion& c, Value* value, std::vector<int64_t> order);
// Axes of size 1 at these places of the result; without these axes of size 1.
Value* unsqueeze(Conversion& c, Value* value, std::vector<int64_t> axes);
Value* squeeze(Conversion& c, Value* value, std::vector<int64_t> axes);
// [start, end) along an axis, as Python's slices say it; INT64_MAX is the end.
Value* slice(Conversion& c, Value* value, int64_t axis, int64_t start, int64_t end, int64_t step = 1);
// Elements of an axis by number, `index` a tensor of any rank that takes the axis' place.
Value* gather(Conversion& c, Value* value, Value* index, int64_t axis);
Value* concat(Conversion& c, std::vector<Value*> values, int64_t axis);
// `value`, which has the sizes `from`, repeated along axes until it has the sizes `to`. Throws kInvalidModel
// when these are fewer.
Value* expand(Conversion& c, Value* value, const Shape& from, const Shape& to);
// 0, 1, … below `count` as i64[count]: a constant where it is known and short.
Value* counted(Conversion& c, const Dim& count);

// An argument that is one size, as the tracer knew it.
Dim stated_size(const Conversion& c, std::string_view argument);

// Constants.
Value* integer(Conversion& c, int64_t value);  // i64, rank 0

// first, first + 1, … (`count` of them). Throws kUnsupported for more than kLongestConstant.
std::vector<int64_t> consecutive(int64_t first, int64_t count);
// The axes [0, rank) that are not in `axes`, in their order.
std::vector<int64_t> other_axes(const std::vector<int64_t>& axes, int64_t rank);

}  // namespace slipway::torch::aten
