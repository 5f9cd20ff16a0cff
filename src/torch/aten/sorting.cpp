// Sorted elements, the first few of them, and those in the middle.
#include <algorithm>
#include <limits>

#include "torch/aten/operands.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

struct Sorted {
  Value* values;
  Value* places;
};

// The first `count` (i64[1]) along an axis, equal ones in their order.
Sorted first_of(Conversion& c, Value* value, DataType type, int64_t axis, int64_t rank, Value* count,
                bool largest, bool sorted = true) {
  // ONNX sorts no truths.
  const DataType computed = type == DataType::kBool ? DataType::kUint8 : type;
  Attributes attributes;
  if (axis != rank - 1) attributes.emplace_back("axis", axis);
  if (!largest) attributes.emplace_back("largest", 0);
  if (!sorted) attributes.emplace_back("sorted", 0);
  const auto made = c.emit_several("TopK", {converted(c, value, type, computed), count}, 2, attributes);
  return {converted(c, made[0], computed, type), made[1]};
}

// Along an axis of size `size`, all of them.
Sorted all_of(Conversion& c, int64_t axis, bool descending) {
  const ir::TensorMeta& meta = c.meta("self");
  Value* self = c.tensor("self");
  const auto rank = static_cast<int64_t>(meta.sizes.size());
  if (rank == 0) return {self, integer(c, 0)};
  Value* count = c.shape_of(self, meta, axis, axis + 1);
  return first_of(c, self, meta.type, axis, rank, count, descending);
}

// The element that comes at place `k` (from 1) in ascending order.
Sorted element_at(Conversion& c, Value* value, DataType type, int64_t axis, int64_t rank, Value* k,
                  bool keep) {
  const Sorted sorted = first_of(c, value, type, axis, rank, k, false);
  const auto last = [&](Value* list) {
    return keep ? slice(c, list, axis, -1, std::numeric_limits<int64_t>::max())
                : gather(c, list, integer(c, -1), axis);
  };
  return {last(sorted.values), last(sorted.places)};
}

void state(Conversion& c, const Sorted& sorted) {
  c.result(0, sorted.values);
  if (c.is_used(1)) c.result(1, sorted.places);
}

// The place of the middle of `size` elements: the lower one of two.
Value* middle(Conversion& c, const Dim& size) {
  if (size.is_known()) return c.ints({(size.value() + 1) / 2});
  return c.emit("Div", {c.emit("Add", {c.shape({&size, 1}), c.ints({1})}), c.ints({2})});
}

}  // namespace

// sort, sort.stable
void convert_sort(Conversion& c) {
  state(c, all_of(c, c.axis("dim", c.rank("self"), -1), c.truth("descending", false)));
}

void convert_argsort(Conversion& c) {
  c.result(all_of(c, c.axis("dim", c.rank("self"), -1), c.truth("descending", false)).places);
}

void convert_msort(Conversion& c) {
  c.result(all_of(c, 0, false).values);
}

void convert_topk(Conversion& c) {
  const int64_t rank = c.rank("self");
  if (rank == 0) return state(c, {c.tensor("self"), integer(c, 0)});
  state(c, first_of(c, c.tensor("self"), c.meta("self").type, c.axis("dim", rank, -1), rank, c.size("k"),
                    c.truth("largest", true), c.truth("sorted", true)));
}

void convert_kthvalue(Conversion& c) {
  const int64_t rank = c.rank("self");
  if (rank == 0) return state(c, {c.tensor("self"), integer(c, 0)});
  state(c, element_at(c, c.tensor("self"), c.meta("self").type, c.axis("dim", rank, -1), rank, c.size("k"),
                      c.truth("keepdim", false)));
}

// median: of an even number the lower one of the middle
void convert_median(Conversion& c) {
  const ir::TensorMeta& meta = c.meta("self");
  const auto rank = static_cast<int64_t>(meta.sizes.size());
  Value* self = c.tensor("self");
  if (rank == 0) return state(c, {self, integer(c, 0)});
  if (c.has("dim")) {
    const int64_t axis = c.axis("dim", rank);
    return state(c, element_at(c, self, meta.type, axis, rank,
                               middle(c, meta.sizes[static_cast<size_t>(axis)]), c.truth("keepdim", false)));
  }
  Dim count = 1;
  for (const Dim& size : meta.sizes) count = count * size;
  Value* flat = rank == 1 ? self : c.emit("Reshape", {self, c.ints({-1})});
  c.result(element_at(c, flat, meta.type, 0, 1, middle(c, count), false).values);
}

// _unique2, unique_dim: each value once, in ascending order
void convert_unique(Conversion& c) {
  const bool flat = !c.has("dim");
  const int64_t rank = c.rank("self");
  Attributes attributes;
  if (!flat) attributes.emplace_back("axis", c.axis("dim", rank));
  const DataType type = c.meta("self").type;
  if (type == DataType::kBool) c.refuse("different truths have no counterpart in ONNX");
  const auto made = c.emit_several("Unique", {c.tensor("self")}, 4, attributes);
  c.result(0, made[0]);
  if (c.is_used(1)) {
    Value* places = made[2];
    if (flat && rank != 1) places = c.emit("Reshape", {places, c.shape(c.meta("self").sizes)});
    c.result(1, places);
  }
  if (c.is_used(2)) c.result(2, made[3]);
}

}  // namespace slipway::torch::aten
