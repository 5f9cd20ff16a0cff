#include "torch/aten/shaping.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "torch/aten/element_list.hpp"

namespace slipway::torch::aten {
namespace {

// Longer lists are made when the model runs.
constexpr int64_t kLongestCounted = 1 << 16;

}  // namespace

Value* transpose(Conversion& c, Value* value, std::vector<int64_t> order) {
  if (std::is_sorted(order.begin(), order.end())) return value;
  return c.emit("Transpose", {value}, {{"perm", std::move(order)}});
}

Value* unsqueeze(Conversion& c, Value* value, std::vector<int64_t> axes) {
  return axes.empty() ? value : c.emit("Unsqueeze", {value, c.ints(std::move(axes))});
}

Value* squeeze(Conversion& c, Value* value, std::vector<int64_t> axes) {
  return axes.empty() ? value : c.emit("Squeeze", {value, c.ints(std::move(axes))});
}

Value* slice(Conversion& c, Value* value, int64_t axis, int64_t start, int64_t end, int64_t step) {
  if (start == 0 && end == std::numeric_limits<int64_t>::max() && step == 1) return value;
  std::vector<Value*> inputs = {value, c.ints({start}), c.ints({end}), c.ints({axis})};
  if (step != 1) inputs.push_back(c.ints({step}));
  return c.emit("Slice", std::move(inputs));
}

Value* gather(Conversion& c, Value* value, Value* index, int64_t axis) {
  return c.emit("Gather", {value, index}, axis == 0 ? Attributes{} : Attributes{{"axis", axis}});
}

Value* concat(Conversion& c, std::vector<Value*> values, int64_t axis) {
  return values.size() == 1 ? values.front() : c.emit("Concat", std::move(values), {{"axis", axis}});
}

Value* expand(Conversion& c, Value* value, const Shape& from, const Shape& to) {
  if (from == to) return value;
  if (to.size() < from.size())
    fail(ErrorCode::kInvalidModel, "{} cannot be broadcast to {}", to_string(from), to_string(to));
  const size_t added = to.size() - from.size();
  // 1 leaves an axis as it is.
  Shape sizes = to;
  bool changes = added > 0;
  for (size_t i = 0; i < from.size(); ++i) {
    const Dim& size = to[added + i];
    if (from[i] == size || (size.is_unknown() && !(from[i] == Dim(1))))
      sizes[added + i] = 1;
    else
      changes = true;
  }
  return changes ? c.emit("Expand", {value, c.shape(sizes)}) : value;
}

Value* counted(Conversion& c, const Dim& count) {
  if (count.is_known() && count.value() <= kLongestCounted) return c.ints(consecutive(0, count.value()));
  Value* limit = c.emit("Squeeze", {c.shape({&count, 1})});
  return c.emit("Range", {integer(c, 0), limit, integer(c, 1)});
}

Dim stated_size(const Conversion& c, std::string_view argument) {
  const std::vector<Dim> sizes = c.dims(argument);
  if (sizes.size() != 1)
    fail(ErrorCode::kInvalidModel, "the argument '{}' has {} sizes instead of one", argument, sizes.size());
  return sizes.front();
}

Value* integer(Conversion& c, int64_t value) {
  return c.scalar(DataType::kInt64, value);
}

std::vector<int64_t> consecutive(int64_t first, int64_t count) {
  if (count > kLongestConstant) fail(ErrorCode::kUnsupported, "it needs a list of {} numbers", count);
  std::vector<int64_t> numbers(static_cast<size_t>(std::max<int64_t>(count, 0)));
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

std::vector<int64_t> other_axes(const std::vector<int64_t>& axes, int64_t rank) {
  std::vector<int64_t> others;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) others.push_back(axis);
  return others;
}

}  // namespace slipway::torch::aten
