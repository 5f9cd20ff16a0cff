// The same elements several times.
#include <fmt/format.h>

#include <algorithm>

#include "torch/aten/element_list.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {

// expand, expand_as, broadcast_to
void convert_expand(Conversion& c) {
  const Shape& from = c.meta("self").sizes;
  const Shape& to = c.result_meta().sizes;
  const bool unknown = std::any_of(to.begin(), to.end(), [](const Dim& size) { return size.is_unknown(); });
  if (!unknown) return c.result(expand(c, c.tensor("self"), from, to));
  // Sizes that no expression tells are read where the program reads them.
  if (c.has("other"))
    return c.result(c.emit("Expand", {c.tensor("self"), c.emit("Shape", {c.tensor("other")})}));
  Value* sizes = c.sizes("size");
  // -1 stays as it is, as 1 does for ONNX.
  c.result(c.emit("Expand", {c.tensor("self"), c.emit("Max", {sizes, c.ints({1})})}));
}

void convert_broadcast_tensors(Conversion& c) {
  const std::vector<Value*> given = c.tensors("tensors");
  for (size_t i = 0; i < given.size(); ++i)
    if (c.is_used(i)) c.result(i, expand(c, given[i], c.meta("tensors", i).sizes, c.result_meta(i).sizes));
}

// repeat, tile: all of it as often along each axis; axes that it does not have stand first.
void convert_repeat(Conversion& c) {
  const char* argument = c.has("repeats") ? "repeats" : "dims";
  Value* self = c.tensor("self");
  const size_t rank = c.meta("self").sizes.size(), count = c.dims(argument).size();
  if (count > rank) self = unsqueeze(c, self, consecutive(0, static_cast<int64_t>(count - rank)));
  if (c.is_constant(argument)) {
    std::vector<int64_t> repeats = c.integers(argument);
    if (count < rank) repeats.insert(repeats.begin(), rank - count, 1);
    const bool once = std::all_of(repeats.begin(), repeats.end(), [](int64_t n) { return n == 1; });
    return c.result(once ? self : c.emit("Tile", {self, c.ints(repeats)}));
  }
  Value* repeats = c.sizes(argument);
  if (count < rank) repeats = concat(c, {c.ints(std::vector<int64_t>(rank - count, 1)), repeats}, 0);
  c.result(c.emit("Tile", {self, repeats}));
}

namespace {

// i64: the number of the element that stands in each place, where element i stands repeats[i] times.
Value* interleaved_places(Conversion& c, Value* repeats) {
  Value* ends = c.emit("CumSum", {repeats, integer(c, 0)});
  Value* count = c.emit("ReduceSum", {repeats}, {{"keepdims", 0}});
  Value* places = c.emit("Range", {integer(c, 0), count, integer(c, 1)});
  // As many elements stand before a place as have ended there.
  Value* ended = c.emit("LessOrEqual", {ends, unsqueeze(c, places, {1})});
  Value* counts = c.emit("Cast", {ended}, {{"to", DataType::kInt64}});
  return c.emit("ReduceSum", {counts, c.ints({1})}, {{"keepdims", 0}});
}

// Every element of an axis `times` in a row.
Value* interleave(Conversion& c, Value* value, const Shape& sizes, int64_t axis) {
  const auto place = static_cast<size_t>(axis);
  if (c.is_constant("repeats") && sizes.at(place).is_known()) {
    const int64_t repeats = c.integer("repeats"), size = sizes[place].value();
    if (repeats < 0) c.refuse(fmt::format("each element {} times", repeats));
    if (repeats > 0 && size > kLongestConstant / repeats) c.refuse("a list of its places would be too long");
    std::vector<int64_t> places;
    for (int64_t i = 0; i < size && repeats > 0; ++i)
      places.insert(places.end(), static_cast<size_t>(repeats), i);
    return gather(c, value, c.ints(places), axis);
  }
  const Dim times = c.dims("repeats").at(0);
  Shape apart = sizes, repeated = sizes, joined = sizes;
  apart.insert(apart.begin() + axis + 1, 1);
  repeated.insert(repeated.begin() + axis + 1, times);
  joined.at(place) = sizes.at(place) * times;
  return reshape(c, expand(c, unsqueeze(c, value, {axis + 1}), apart, repeated), repeated, joined);
}

}  // namespace

// repeat_interleave.self_int, .self_Tensor, .Tensor
void convert_repeat_interleave(Conversion& c) {
  if (!c.has("self"))
    return c.result(
        interleaved_places(c, converted(c, c.tensor("repeats"), c.meta("repeats").type, DataType::kInt64)));
  Value* self = c.tensor("self");
  Shape sizes = c.meta("self").sizes;
  if (!c.has("dim")) {
    Dim count = 1;
    for (const Dim& size : sizes) count = count * size;
    self = reshape(c, self, std::exchange(sizes, {count}), {count});
  }
  const int64_t axis = c.axis("dim", static_cast<int64_t>(sizes.size()), 0);
  if (c.is_number("repeats")) return c.result(interleave(c, self, sizes, axis));
  Value* repeats = converted(c, c.tensor("repeats"), c.meta("repeats").type, DataType::kInt64);
  // One number for all of them.
  repeats = expand(c, repeats, c.meta("repeats").sizes, {sizes.at(static_cast<size_t>(axis))});
  c.result(gather(c, self, interleaved_places(c, repeats), axis));
}

}  // namespace slipway::torch::aten
