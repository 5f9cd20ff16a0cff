// The same elements with their axes in another order, or turned around.
#include <algorithm>
#include <limits>
#include <utility>

#include "torch/aten/reshape.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

int64_t from_front(int64_t axis, int64_t rank) {
  return axis < 0 ? axis + std::max<int64_t>(rank, 1) : axis;
}

std::vector<int64_t> axes_of(const Conversion& c, std::string_view argument, int64_t rank) {
  std::vector<int64_t> axes = c.integers(argument);
  for (int64_t& axis : axes) {
    axis = from_front(axis, rank);
    if (axis < 0 || axis >= std::max<int64_t>(rank, 1)) c.refuse("an axis is outside of the tensor");
  }
  return axes;
}

void exchange(Conversion& c, int64_t a, int64_t b) {
  auto order = consecutive(0, c.rank("self"));
  if (order.empty()) return c.result(c.tensor("self"));
  std::swap(order[static_cast<size_t>(a)], order[static_cast<size_t>(b)]);
  c.result(transpose(c, c.tensor("self"), order));
}

// Elements of an axis from place `shift` on, and then those before.
Value* rolled(Conversion& c, Value* value, const Dim& size, int64_t axis, int64_t shift) {
  if (!size.is_known()) {
    Value* count = c.shape({&size, 1});
    Value* places = c.emit("Sub", {counted(c, size), c.ints({shift})});
    return gather(c, value, c.emit("Mod", {places, count}), axis);
  }
  if (size.value() == 0) return value;
  auto places = consecutive(0, size.value());
  const int64_t start = ((-shift % size.value()) + size.value()) % size.value();
  std::rotate(places.begin(), places.begin() + start, places.end());
  return start == 0 ? value : gather(c, value, c.ints(places), axis);
}

}  // namespace

void convert_permute(Conversion& c) {
  c.result(transpose(c, c.tensor("self"), axes_of(c, "dims", c.rank("self"))));
}

// transpose.int, swapaxes, swapdims
void convert_transpose(Conversion& c) {
  const int64_t rank = c.rank("self");
  const bool named_axis = c.has("axis0");
  exchange(c, c.axis(named_axis ? "axis0" : "dim0", rank), c.axis(named_axis ? "axis1" : "dim1", rank));
}

// t, mT, mH, adjoint: the last two axes; `t` leaves vectors alone.
void convert_matrix_transpose(Conversion& c) {
  const int64_t rank = c.rank("self");
  if (rank < 2) return c.result(c.tensor("self"));
  exchange(c, rank - 2, rank - 1);
}

// numpy_T
void convert_reversed_axes(Conversion& c) {
  auto order = consecutive(0, c.rank("self"));
  std::reverse(order.begin(), order.end());
  c.result(transpose(c, c.tensor("self"), order));
}

// movedim, moveaxis
void convert_movedim(Conversion& c) {
  const int64_t rank = c.rank("self");
  const auto from = axes_of(c, "source", rank), to = axes_of(c, "destination", rank);
  if (from.size() != to.size()) c.refuse("source and destination differ in number");
  if (rank > 0 && (other_axes(to, rank).size() != static_cast<size_t>(rank) - to.size() ||
                   other_axes(from, rank).size() != other_axes(to, rank).size()))
    c.refuse("an axis is moved twice");
  auto others = other_axes(from, rank);
  std::vector<int64_t> order(static_cast<size_t>(rank), -1);
  for (size_t i = 0; i < from.size(); ++i)
    if (rank > 0) order[static_cast<size_t>(to[i])] = from[i];
  auto next = others.begin();
  for (int64_t& axis : order)
    if (axis < 0) axis = *next++;
  c.result(transpose(c, c.tensor("self"), order));
}

namespace {

Value* flipped(Conversion& c, Value* value, std::vector<int64_t> axes) {
  if (axes.empty()) return value;
  const std::vector<int64_t> backwards(axes.size(), -1);
  const std::vector<int64_t> ends(axes.size(), std::numeric_limits<int64_t>::min());
  return c.emit("Slice",
                {value, c.ints(backwards), c.ints(ends), c.ints(std::move(axes)), c.ints(backwards)});
}

}  // namespace

void convert_flip(Conversion& c) {
  c.result(c.rank("self") == 0 ? c.tensor("self")
                               : flipped(c, c.tensor("self"), axes_of(c, "dims", c.rank("self"))));
}

void convert_fliplr(Conversion& c) {
  c.result(flipped(c, c.tensor("self"), {1}));
}

void convert_flipud(Conversion& c) {
  c.result(flipped(c, c.tensor("self"), {0}));
}

// A quarter turn from dims[0] to dims[1], k times.
void convert_rot90(Conversion& c) {
  const int64_t rank = c.rank("self");
  const auto axes = c.has("dims") ? axes_of(c, "dims", rank) : std::vector<int64_t>{0, 1};
  if (rank < 2 || axes.size() != 2) c.refuse("it turns two axes");
  const int64_t turns = ((c.integer("k", 1) % 4) + 4) % 4;
  Value* self = c.tensor("self");
  if (turns == 0) return c.result(self);
  if (turns == 2) return c.result(flipped(c, self, axes));
  auto order = consecutive(0, rank);
  std::swap(order[static_cast<size_t>(axes[0])], order[static_cast<size_t>(axes[1])]);
  Value* turned = transpose(c, turns == 1 ? flipped(c, self, {axes[1]}) : self, order);
  c.result(turns == 1 ? turned : flipped(c, turned, {axes[1]}));
}

// What leaves at one end comes in at the other.
void convert_roll(Conversion& c) {
  const auto shifts = c.integers("shifts");
  const Shape& sizes = c.meta("self").sizes;
  Value* self = c.tensor("self");
  if (!c.has("dims") || c.integers("dims").empty()) {
    Dim count = 1;
    for (const Dim& size : sizes) count = count * size;
    Value* flat = reshape(c, self, sizes, {count});
    return c.result(reshape(c, rolled(c, flat, count, 0, shifts.at(0)), {count}, sizes));
  }
  const auto axes = axes_of(c, "dims", c.rank("self"));
  if (axes.size() != shifts.size()) c.refuse("there must be a shift for each axis");
  for (size_t i = 0; i < axes.size() && !sizes.empty(); ++i)
    self = rolled(c, self, sizes[static_cast<size_t>(axes[i])], axes[i], shifts[i]);
  c.result(self);
}

}  // namespace slipway::torch::aten
