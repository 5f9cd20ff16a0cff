// Parts of a tensor along one of its axes.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "torch/aten/element_list.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/shaping.hpp"
#include "torch/ir/complex_pairs.hpp"

namespace slipway::torch::aten {
namespace {

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

int64_t axis_of(const Conversion& c) {
  if (c.rank("self") == 0) c.refuse("a tensor of rank 0 has no parts");
  return c.axis("dim", c.rank("self"), 0);
}

const Dim& size_of(const Conversion& c, int64_t axis) {
  return c.meta("self").sizes[static_cast<size_t>(axis)];
}

// A bound of a slice: i64[1].
Value* bound(Conversion& c, std::string_view argument, int64_t otherwise) {
  return c.has(argument) ? c.size(argument) : c.ints({otherwise});
}

}  // namespace

// select.int
void convert_select(Conversion& c) {
  c.result(gather(c, c.tensor("self"), c.tensor("index"), axis_of(c)));
}

void convert_slice(Conversion& c) {
  const int64_t axis = axis_of(c);
  const Dim& size = size_of(c, axis);
  const int64_t step = c.integer("step", 1);
  // Of the same size: it takes all.
  if (step == 1 && c.result_meta().sizes.at(static_cast<size_t>(axis)) == size)
    return c.result(c.tensor("self"));
  const auto start = c.bound("start", 0);
  auto end = c.bound("end", kEnd);
  if (start && end) {
    if (size.is_known() && *end >= size.value()) end = kEnd;
    return c.result(slice(c, c.tensor("self"), axis, *start, *end, step));
  }
  std::vector<Value*> inputs = {c.tensor("self"), bound(c, "start", 0), bound(c, "end", kEnd),
                                c.ints({axis})};
  if (step != 1) inputs.push_back(c.ints({step}));
  c.result(c.emit("Slice", std::move(inputs)));
}

// narrow: from `start` on, `length` elements
void convert_narrow(Conversion& c) {
  const int64_t axis = axis_of(c);
  const Dim& size = size_of(c, axis);
  if (c.result_meta().sizes.at(static_cast<size_t>(axis)) == size) return c.result(c.tensor("self"));
  Value* start = nullptr;
  if (c.is_number("start") && c.is_constant("start")) {
    const int64_t first = c.integer("start");
    if (c.is_constant("length")) {
      const int64_t last = first + c.integer("length");
      return c.result(slice(c, c.tensor("self"), axis, first, first < 0 && last == 0 ? kEnd : last));
    }
    start = c.ints({first});
  } else {
    start = c.is_number("start") ? c.size("start") : c.emit("Reshape", {c.tensor("start"), c.ints({1})});
  }
  Value* end = c.emit("Add", {start, c.size("length")});
  c.result(c.emit("Slice", {c.tensor("self"), start, end, c.ints({axis})}));
}

namespace {

// Where each part lies, from the sizes of the parts; unknown ones where that cannot be told.
struct Part {
  size_t index;
  Dim start, end;
};

// The sizes of all parts along the axis, also of those that nobody uses.
std::vector<Dim> sizes_of_parts(const Conversion& c, int64_t axis, size_t count) {
  for (const std::string_view argument : {"split_sizes", "split_size"})
    if (const ir::Argument* given = c.call().find(argument); given && given->as<std::vector<ir::Int>>())
      return c.dims(argument);
  std::vector<Dim> sizes(count);
  Dim sum = 0;
  std::vector<size_t> unused;
  for (size_t i = 0; i < count; ++i) {
    if (!c.is_used(i)) {
      unused.push_back(i);
    } else {
      sizes[i] = c.result_meta(i).sizes.at(static_cast<size_t>(axis));
      sum = sum + sizes[i];
    }
  }
  if (unused.empty()) return sizes;
  // Parts of one size, and perhaps a smaller last one.
  if (c.has("split_size")) {
    const Dim size = c.dims("split_size").at(0);
    for (const size_t i : unused) {
      const bool last = i + 1 == count;
      sizes[i] = last ? size_of(c, axis) - size * Dim(static_cast<int64_t>(count) - 1) : size;
    }
    return sizes;
  }
  if (!size_of(c, axis).is_known()) c.refuse("the sizes of parts that nobody uses cannot be told");
  const int64_t size = size_of(c, axis).value();
  const auto chunks = c.integer(c.has("chunks") ? "chunks" : "sections");
  if (chunks < 1) c.refuse(fmt::format("{} parts are none", chunks));
  for (const size_t i : unused) {
    const auto place = static_cast<int64_t>(i);
    if (c.has("chunks")) {  // as many of ceil(size/chunks) as there are
      const int64_t each = (size + chunks - 1) / chunks;
      sizes[i] = place > 0 && each > size / place ? 0 : std::min(size - place * each, each);
    } else {  // the first ones are longer by one
      sizes[i] = size / chunks + (place < size % chunks ? 1 : 0);
    }
  }
  return sizes;
}

// One part alone, cut out.
Value* cut(Conversion& c, const std::vector<Dim>& sizes, size_t index, int64_t axis) {
  Dim start = 0;
  for (size_t i = 0; i < index; ++i) start = start + sizes[i];
  const Dim end = start + sizes[index];
  const bool to_end = index + 1 == sizes.size();
  if (start.is_known() && (to_end || end.is_known()))
    return slice(c, c.tensor("self"), axis, start.value(), to_end ? kEnd : end.value());
  Value* last = to_end ? c.ints({kEnd}) : c.shape({&end, 1});
  return c.emit("Slice", {c.tensor("self"), c.shape({&start, 1}), last, c.ints({axis})});
}

void split(Conversion& c, const std::vector<Dim>& sizes, int64_t axis) {
  const auto& outputs = c.call().outputs;
  const auto used =
      std::count_if(outputs.begin(), outputs.end(), [](const ir::Value* value) { return value; });
  if (sizes.size() != outputs.size())
    fail(ErrorCode::kInvalidModel, "it has {} parts and {} results", sizes.size(), outputs.size());
  if (outputs.size() == 1) return c.result(c.tensor("self"));
  if (used == 0) return;
  if (used == 1) {
    const auto only = static_cast<size_t>(
        std::find_if(outputs.begin(), outputs.end(), [](const ir::Value* value) { return value; }) -
        outputs.begin());
    return c.result(only, cut(c, sizes, only, axis));
  }
  Attributes attributes;
  if (axis != 0) attributes.emplace_back("axis", axis);
  const bool equal =
      std::all_of(sizes.begin(), sizes.end(), [&](const Dim& size) { return size == sizes[0]; });
  std::vector<Value*> inputs = {c.tensor("self")};
  if (equal)
    attributes.emplace_back("num_outputs", outputs.size());
  else
    inputs.push_back(c.shape(sizes));
  const auto parts = c.emit_several("Split", std::move(inputs), outputs.size(), attributes);
  for (size_t i = 0; i < parts.size(); ++i) c.result(i, parts[i]);
}

}  // namespace

// split, split_with_sizes, chunk, tensor_split.sections
void convert_split(Conversion& c) {
  const int64_t axis = axis_of(c);
  split(c, sizes_of_parts(c, axis, c.call().outputs.size()), axis);
}

// tensor_split.indices: between given places
void convert_tensor_split(Conversion& c) {
  const int64_t axis = axis_of(c);
  std::vector<Dim> sizes;
  Dim from = 0;
  const Dim& size = size_of(c, axis);
  for (int64_t place : c.integers("indices")) {
    if (!size.is_known()) c.refuse("the size of the axis must be known here");
    if (place < 0) place = std::max<int64_t>(place + size.value(), 0);
    place = std::min(place, size.value());
    sizes.push_back(std::max<int64_t>(place - from.value(), 0));
    // PyTorch lets parts overlap where places go backwards; ONNX's Split does not.
    if (place < from.value()) c.refuse("its places do not ascend");
    from = place;
  }
  sizes.push_back(size - from);
  split(c, sizes, axis);
}

// unbind: every place of an axis as a tensor of its own
void convert_unbind(Conversion& c) {
  const int64_t axis = axis_of(c);
  for (size_t i = 0; i < c.call().outputs.size(); ++i)
    if (c.is_used(i)) c.result(i, gather(c, c.tensor("self"), integer(c, static_cast<int64_t>(i)), axis));
}

// unfold: windows along an axis; what is in a window stands on a new last axis, before the parts of complex
// numbers
void convert_unfold(Conversion& c) {
  const int64_t rank = c.rank("self");
  const int64_t size = c.integer("size"), step = c.integer("step");
  if (rank == 0) return c.result(unsqueeze(c, c.tensor("self"), {0}));
  const int64_t axis = c.axis("dimension", rank);
  const Dim& windows = c.result_meta().sizes.at(static_cast<size_t>(axis));
  if (size < 0 || step < 1) c.refuse(fmt::format("windows of {} in steps of {} are none", size, step));
  Value* self = c.tensor("self");
  Value* index = nullptr;
  if (windows.is_known()) {
    if (windows.value() > kLongestConstant / std::max<int64_t>(size, 1))
      c.refuse("its windows are too many for a list of them");
    if (windows.value() > 0 && step > Conversion::kLargestInteger / windows.value())
      c.refuse("its windows are further apart than any tensor is long");
    std::vector<int64_t> places;
    for (int64_t window = 0; window < windows.value(); ++window)
      for (int64_t place = 0; place < size; ++place) places.push_back(window * step + place);
    index = c.constant(Tensor::from<int64_t>({windows.value(), size}, places));
  } else {
    Value* starts = counted(c, windows);
    if (step != 1) starts = c.emit("Mul", {starts, integer(c, step)});
    index = c.emit("Add", {unsqueeze(c, starts, {1}), c.ints(consecutive(0, size))});
  }
  auto order = other_axes({axis + 1}, rank + 1);
  order.push_back(axis + 1);
  if (ir::is_complex(c.meta("self").type)) order.push_back(rank + 1);
  c.result(transpose(c, gather(c, self, index, axis), order));
}

}  // namespace slipway::torch::aten
