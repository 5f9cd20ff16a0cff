// Elements along one axis, by number.
#include "torch/aten/operands.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

Value* flat(Conversion& c, Value* value, size_t rank) {
  return rank == 1 ? value : c.emit("Reshape", {value, c.ints({-1})});
}

Value* index_of(Conversion& c, std::string_view argument) {
  const DataType type = c.meta(argument).type;
  return type == DataType::kInt32 ? c.tensor(argument) : operand(c, argument, DataType::kInt64);
}

Attributes axis_attribute(int64_t axis) {
  return axis == 0 ? Attributes{} : Attributes{{"axis", axis}};
}

}  // namespace

// index_select: whole slices; the index is a vector or a number
void convert_index_select(Conversion& c) {
  Value* index = index_of(c, "index");
  const int64_t rank = c.rank("self");
  if (rank == 0) return c.result(c.tensor("self"));
  if (c.rank("index") == 0) index = unsqueeze(c, index, {0});
  c.result(gather(c, c.tensor("self"), index, c.axis("dim", rank)));
}

// gather: an element for every element of the index
void convert_gather(Conversion& c) {
  const int64_t rank = c.rank("self");
  if (rank == 0 || c.rank("index") == 0) {
    // Of one element that is taken as often as the index says.
    Value* vector = flat(c, c.tensor("self"), static_cast<size_t>(rank));
    return c.result(gather(c, vector, index_of(c, "index"), 0));
  }
  c.result(c.emit("GatherElements", {c.tensor("self"), index_of(c, "index")},
                  axis_attribute(c.axis("dim", rank))));
}

// take: of all elements one after the other
void convert_take(Conversion& c) {
  c.result(gather(c, flat(c, c.tensor("self"), c.meta("self").sizes.size()), index_of(c, "index"), 0));
}

// take_along_dim: gather, both broadcast to each other along the other axes
void convert_take_along_dim(Conversion& c) {
  Value* self = c.tensor("self");
  Value* index = index_of(c, "indices");
  Shape from = c.meta("self").sizes, places = c.meta("indices").sizes;
  if (!c.has("dim")) return c.result(gather(c, flat(c, self, from.size()), flat(c, index, places.size()), 0));
  const int64_t axis = c.axis("dim", static_cast<int64_t>(from.size()));
  if (places.size() != from.size()) c.refuse("its indices have other axes than the tensor");
  Shape wide = from, wide_places = places;
  for (size_t i = 0; i < from.size(); ++i)
    if (static_cast<int64_t>(i) != axis) wide[i] = wide_places[i] = from[i] == Dim(1) ? places[i] : from[i];
  self = expand(c, self, from, wide);
  c.result(c.emit("GatherElements", {self, expand(c, index, places, wide_places)}, axis_attribute(axis)));
}

namespace {

// How many of the sorted numbers along the last axis lie before each value.
Value* count_before(Conversion& c, Value* sorted, Value* value, bool right) {
  // NaN lies behind all of them.
  Value* before = c.emit("Not", {c.emit(right ? "Greater" : "GreaterOrEqual", {sorted, value})});
  Value* counts = c.emit("Cast", {before}, {{"to", DataType::kInt64}});
  return c.emit("ReduceSum", {counts, c.ints({-1})}, {{"keepdims", 0}});
}

bool takes_right_side(const Conversion& c) {
  return c.truth("right", false) || c.text("side", "left") == "right";
}

}  // namespace

// bucketize: between which of the boundaries each value lies
void convert_bucketize(Conversion& c) {
  const DataType type = common_type(c, {"self", "boundaries"});
  Value* boundaries = operand(c, "boundaries", type);
  Value* self = operand(c, "self", type);
  if (!c.is_number("self")) self = unsqueeze(c, self, {c.rank("self")});
  Value* counts = count_before(c, boundaries, self, takes_right_side(c));
  c.result(converted(c, counts, DataType::kInt64, c.result_meta().type));
}

void convert_searchsorted(Conversion& c) {
  const DataType type = common_type(c, {"self", "sorted_sequence"});
  Value* sorted = operand(c, "sorted_sequence", type);
  const int64_t rank = c.rank("sorted_sequence");
  if (c.has("sorter"))
    sorted = c.emit("GatherElements", {sorted, c.tensor("sorter")},
                    rank == 1 ? Attributes{} : Attributes{{"axis", rank - 1}});
  Value* self = operand(c, "self", type);
  if (!c.is_number("self")) self = unsqueeze(c, self, {c.rank("self")});
  if (rank > 1) sorted = unsqueeze(c, sorted, {rank - 1});
  Value* counts = count_before(c, sorted, self, takes_right_side(c));
  c.result(converted(c, counts, DataType::kInt64, c.result_meta().type));
}

// isin: is it among them?
void convert_isin(Conversion& c) {
  const char* elements = c.has("elements") ? "elements" : "element";
  const char* tests = c.has("test_elements") ? "test_elements" : "test_element";
  const DataType type = common_type(c, {elements, tests});
  Value* element = operand(c, elements, type);
  Value* test = operand(c, tests, type);
  Value* found = nullptr;
  if (c.is_number(tests)) {
    found = c.emit("Equal", {element, test});
  } else {
    if (!c.is_number(elements)) element = unsqueeze(c, element, {c.rank(elements)});
    Value* equal = c.emit("Equal", {element, flat(c, test, c.meta(tests).sizes.size())});
    found = c.emit("ReduceMax", {equal, c.ints({-1})}, {{"keepdims", 0}});
  }
  c.result(c.truth("invert", false) ? c.emit("Not", {found}) : found);
}

}  // namespace slipway::torch::aten
