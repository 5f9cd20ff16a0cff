// Elements by index tensors and masks: x[:, i, j], x[mask], and writing there.
#include <algorithm>

#include "torch/aten/index_list.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// Does index k run along axis k of the result alone (i[:, None], j)? Then each axis can be gathered by
// itself.
bool is_orthogonal(const IndexList& list) {
  if (!list.adjacent() || list.common.size() != list.axes.size()) return false;
  for (size_t k = 0; k < list.axes.size(); ++k) {
    const Shape& sizes = list.sizes[k];
    const size_t missing = list.common.size() - sizes.size();
    for (size_t i = 0; i < list.common.size(); ++i) {
      const bool own = i == k;
      const bool is_one = i < missing || sizes[i - missing] == Dim(1);
      if (!own && !is_one) return false;
      if (own && i < missing) return false;
    }
  }
  return true;
}

Value* gather_each(Conversion& c, Value* self, const IndexList& list) {
  for (size_t k = 0; k < list.axes.size(); ++k) {
    Value* index = list.indices[k];
    if (list.sizes[k].size() > 1) index = c.emit("Reshape", {index, c.ints({-1})});
    self = gather(c, self, index, list.axes[k]);
  }
  return self;
}

}  // namespace

// index.Tensor
void convert_index(Conversion& c) {
  const IndexList list = index_list(c);
  Value* self = c.tensor("self");
  if (list.axes.size() == 1) return c.result(gather(c, self, list.indices[0], list.axes[0]));
  if (is_orthogonal(list)) return c.result(gather_each(c, self, list));
  Value* found = c.emit("GatherND", {transpose(c, self, list.indexed_first()), places_of(c, list)});
  c.result(transpose(c, found, list.found_in_place()));
}

namespace {

// One mask, and a value that is the same for all its places: a choice.
bool is_choice(const Conversion& c, size_t& position) {
  const ir::Argument* indices = c.call().find("indices");
  if (!indices || !indices->as<ir::Tensors>()) return false;
  const auto& given = *indices->as<ir::Tensors>();
  const auto count = std::count_if(given.begin(), given.end(), [](const ir::Value* value) { return value; });
  if (count != 1 || c.truth("accumulate", false)) return false;
  position = static_cast<size_t>(
      std::find_if(given.begin(), given.end(), [](const ir::Value* v) { return v; }) - given.begin());
  const ir::TensorMeta& mask = c.meta("indices", position);
  if (mask.type != DataType::kBool || mask.sizes.empty()) return false;
  if (position + mask.sizes.size() > c.meta("self").sizes.size()) return false;
  const size_t behind = c.meta("self").sizes.size() - position - mask.sizes.size();
  const Shape& values = c.meta("values").sizes;
  // Axes of the value that lie along the mask's must be of size 1; only one such axis is there.
  return values.size() <= behind || (values.size() == behind + 1 && values[0] == Dim(1) && behind == 0);
}

void choose(Conversion& c, size_t position) {
  const DataType type = c.result_meta().type;
  const auto rank = c.rank("self");
  const auto end = static_cast<int64_t>(position + c.meta("indices", position).sizes.size());
  Value* mask = unsqueeze(c, c.optional_tensors("indices")[position],
                          consecutive(end - static_cast<int64_t>(position), rank - end));
  c.result(c.emit("Where", {mask, operand(c, "values", type), operand(c, "self", type)}));
}

// The sizes of what `list` finds, as i64[n], in the order of ScatterND: those of the indices, then the
// others.
Value* found_sizes(Conversion& c, Value* places, Value* turned, const IndexList& list) {
  const auto found = static_cast<int64_t>(list.common.size()),
             indexed = static_cast<int64_t>(list.axes.size());
  std::vector<Value*> parts = {c.emit("Shape", {places}, {{"end", found}})};
  if (list.rank > indexed) parts.push_back(c.emit("Shape", {turned}, {{"start", indexed}}));
  return concat(c, parts, 0);
}

// The values that are written, in the order of ScatterND and with all its sizes.
Value* updates(Conversion& c, const IndexList& list, Value* places, Value* turned) {
  const DataType type = c.meta("self").type;
  Value* values = operand(c, "values", type);
  const Shape& given = c.meta("values").sizes;
  Shape sizes = list.common;
  for (const int64_t axis : other_axes(list.axes, list.rank))
    sizes.push_back(c.meta("self").sizes[static_cast<size_t>(axis)]);
  const auto order = list.found_in_place();
  // The values are broadcast to what indexing gives, where the axes of the indices may stand further behind.
  Shape in_place(sizes.size());
  for (size_t i = 0; i < order.size(); ++i) in_place[i] = sizes[static_cast<size_t>(order[i])];
  const auto is_unknown = [](const Dim& size) { return size.is_unknown(); };
  const bool same_rank = given.size() == sizes.size();
  const bool has_ones =
      std::any_of(given.begin(), given.end(), [](const Dim& size) { return size == Dim(1); });
  std::vector<int64_t> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  if (same_rank && (given == in_place || !has_ones)) return transpose(c, values, back);
  if (std::none_of(sizes.begin(), sizes.end(), is_unknown))
    return transpose(c, expand(c, values, given, in_place), back);
  if (!std::is_sorted(order.begin(), order.end()))
    c.refuse("its values are broadcast along sizes that are not known");
  return c.emit("Expand", {values, found_sizes(c, places, turned, list)});
}

}  // namespace

// index_put: values at these places, or added to what is there.
void convert_index_put(Conversion& c) {
  if (size_t position = 0; is_choice(c, position)) return choose(c, position);
  const IndexList list = index_list(c);
  const auto order = list.indexed_first();
  Value* turned = transpose(c, c.tensor("self"), order);
  Value* places = places_of(c, list);
  Value* written = updates(c, list, places, turned);
  Attributes attributes;
  if (c.truth("accumulate", false)) attributes.emplace_back("reduction", "add");
  Value* result = c.emit("ScatterND", {turned, places, written}, attributes);
  std::vector<int64_t> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  c.result(transpose(c, result, back));
}

// _unsafe_masked_index: self at the indices, `fill` where the mask is false.
void convert_masked_index(Conversion& c) {
  const IndexList list = index_list(c);
  const DataType type = c.result_meta().type;
  const Shape& sizes = c.meta("self").sizes;
  // Indices outside of the tensor are masked; ONNX wants them inside all the same.
  IndexList inside = list;
  for (size_t i = 0; i < list.axes.size(); ++i) {
    const Dim& size = sizes[static_cast<size_t>(list.axes[i])];
    Value* last = size.is_known() ? integer(c, size.value() - 1)
                                  : c.emit("Sub", {c.emit("Squeeze", {c.shape({&size, 1})}), integer(c, 1)});
    inside.indices[i] = c.emit("Clip", {c.cast(list.indices[i], DataType::kInt64), integer(c, 0), last});
  }
  Value* self = c.tensor("self");
  Value* found = nullptr;
  if (inside.axes.size() == 1) {
    found = gather(c, self, inside.indices[0], inside.axes[0]);
  } else if (is_orthogonal(inside)) {
    found = gather_each(c, self, inside);
  } else {
    found = c.emit("GatherND", {transpose(c, self, inside.indexed_first()), places_of(c, inside)});
    found = transpose(c, found, inside.found_in_place());
  }
  c.result(c.emit("Where", {operand(c, "mask", DataType::kBool), found, operand(c, "fill", type)}));
}

// masked_select: a vector of the elements where the mask is true
void convert_masked_select(Conversion& c) {
  const Shape& self = c.meta("self").sizes;
  const Shape& mask = c.meta("mask").sizes;
  Value* values = c.tensor("self");
  Value* truths = operand(c, "mask", DataType::kBool);
  if (self != mask) {
    // Broadcast to each other.
    values = c.emit("Expand", {values, c.emit("Shape", {truths})});
    truths = c.emit("Expand", {truths, c.emit("Shape", {values})});
  }
  if (self.size() != 1 || mask.size() != 1) truths = c.emit("Reshape", {truths, c.ints({-1})});
  c.result(c.emit("Compress", {values, truths}));
}

// masked_scatter: the elements of source one after the other to where the mask is true
void convert_masked_scatter(Conversion& c) {
  Value* self = c.tensor("self");
  Value* mask = operand(c, "mask", DataType::kBool);
  if (c.meta("mask").sizes != c.result_meta().sizes) mask = c.emit("Expand", {mask, c.emit("Shape", {self})});
  Value* places = c.emit("Transpose", {c.emit("NonZero", {mask})}, {{"perm", std::vector<int64_t>{1, 0}}});
  Value* source = c.emit("Reshape", {operand(c, "source", c.result_meta().type), c.ints({-1})});
  Value* count = c.emit("Shape", {places}, {{"end", 1}});
  Value* taken = c.emit("Slice", {source, c.ints({0}), count, c.ints({0})});
  c.result(c.emit("ScatterND", {self, places, taken}));
}

void convert_nonzero(Conversion& c) {
  if (c.rank("self") == 0) c.refuse("the places in a tensor of rank 0 have no counterpart in ONNX");
  Value* places = c.emit("NonZero", {c.tensor("self")});
  c.result(c.emit("Transpose", {places}, {{"perm", std::vector<int64_t>{1, 0}}}));
}

// nonzero_numpy, and where(condition): a vector for each axis
void convert_nonzero_numpy(Conversion& c) {
  const char* argument = c.has("condition") ? "condition" : "self";
  if (c.rank(argument) == 0) c.refuse("the places in a tensor of rank 0 have no counterpart in ONNX");
  Value* places = c.emit("NonZero", {c.tensor(argument)});
  for (size_t i = 0; i < c.call().outputs.size(); ++i)
    if (c.is_used(i)) c.result(i, gather(c, places, integer(c, static_cast<int64_t>(i)), 0));
}

}  // namespace slipway::torch::aten
