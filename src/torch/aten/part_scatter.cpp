// A tensor with something else in place of a part of it: what functionalisation makes of a write to a view.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "torch/aten/conversion.hpp"
#include "torch/aten/element_list.hpp"

namespace slipway::torch::aten {
namespace {

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

const Dim& size_of(const Conversion& c, std::string_view argument, int64_t axis) {
  return c.meta(argument).sizes.at(static_cast<size_t>(axis));
}

Value* part(Conversion& c, Value* start, Value* end, int64_t axis) {
  return c.emit("Slice", {c.tensor("self"), start, end, c.ints({axis})});
}

// `between` in place of what lies from `start` to `end` (i64[1] each; nullptr: the end of the tensor on that
// side).
Value* joined(Conversion& c, Value* start, Value* between, Value* end, int64_t axis) {
  std::vector<Value*> parts;
  if (start) parts.push_back(part(c, c.ints({0}), start, axis));
  parts.push_back(between);
  if (end) parts.push_back(part(c, end, c.ints({kEnd}), axis));
  return parts.size() == 1 ? parts.front() : c.emit("Concat", parts, {{"axis", axis}});
}

// Elements at these places of an axis, from `source` one after the other.
Value* interleaved(Conversion& c, Value* source, const std::vector<int64_t>& places, int64_t axis) {
  const auto count = static_cast<int64_t>(places.size());
  if (axis == 0)
    return c.emit("ScatterND",
                  {c.tensor("self"), c.constant(Tensor::from<int64_t>({count, 1}, places)), source});
  const int64_t size = size_of(c, "self", axis).value();
  std::vector<int64_t> from(static_cast<size_t>(size));
  for (int64_t place = 0; place < size; ++place) from[static_cast<size_t>(place)] = place;
  for (int64_t i = 0; i < count; ++i) from[static_cast<size_t>(places[static_cast<size_t>(i)])] = size + i;
  Value* both = c.emit("Concat", {c.tensor("self"), source}, {{"axis", axis}});
  return c.emit("Gather", {both, c.ints(from)}, {{"axis", axis}});
}

// A bound as Python's slices have it, as a place of the axis.
int64_t place_of(int64_t bound, int64_t size) {
  return bound < -size ? 0 : std::clamp<int64_t>(bound < 0 ? bound + size : bound, 0, size);
}

// i64[1], from the front.
Value* wrapped(Conversion& c, Value* index, int64_t axis) {
  Value* size = c.shape_of(c.tensor("self"), c.meta("self"), axis, axis + 1);
  return c.emit("Where", {c.emit("Less", {index, c.ints({0})}), c.emit("Add", {index, size}), index});
}

}  // namespace

void convert_slice_scatter(Conversion& c) {
  const int64_t axis = c.axis("dim", c.rank("self"), 0), step = c.integer("step", 1);
  if (step < 1) c.refuse(fmt::format("its step is {}", step));
  const Dim &size = size_of(c, "self", axis), &written = size_of(c, "src", axis);
  if (written == Dim(0)) return c.result(c.tensor("self"));
  if (step == 1 && written == size) return c.result(c.tensor("src"));
  auto start = c.bound("start", 0), end = c.bound("end", kEnd);
  if (start && end && size.is_known()) {
    start = place_of(*start, size.value());
    end = place_of(*end, size.value());
    if (step != 1) {
      if (size.value() > kLongestConstant) c.refuse("a slice with steps of so long an axis");
      std::vector<int64_t> places;
      for (int64_t place = *start; place < *end; place += step) places.push_back(place);
      return c.result(interleaved(c, c.tensor("src"), places, axis));
    }
    if (*end == size.value()) end = kEnd;
  } else if (step != 1) {
    c.refuse("a slice with steps needs an axis of known size");
  }
  Value* before = start == 0 ? nullptr : start ? c.ints({*start}) : c.size("start");
  Value* after = end == kEnd ? nullptr : end ? c.ints({*end}) : c.size("end");
  c.result(joined(c, before, c.tensor("src"), after, axis));
}

void convert_select_scatter(Conversion& c) {
  const int64_t axis = c.axis("dim", c.rank("self"));
  const Dim& size = size_of(c, "self", axis);
  Value* source = c.emit("Unsqueeze", {c.tensor("src"), c.ints({axis})});
  if (!c.is_number("index") || !c.is_constant("index")) {
    Value* index =
        c.is_number("index") ? c.size("index") : c.emit("Reshape", {c.tensor("index"), c.ints({1})});
    Value* place = wrapped(c, index, axis);
    return c.result(joined(c, place, source, c.emit("Add", {place, c.ints({1})}), axis));
  }
  int64_t index = c.integer("index");
  if (size.is_known() && index < 0) index += size.value();
  if (axis == 0 && index >= 0 && size != Dim(1)) return c.result(interleaved(c, source, {index}, axis));
  const bool last = index == -1 || size == Dim(index + 1);
  c.result(
      joined(c, index == 0 ? nullptr : c.ints({index}), source, last ? nullptr : c.ints({index + 1}), axis));
}

}  // namespace slipway::torch::aten
