// Sums, products, means, extremes and truths over axes.
#include "torch/aten/reduction.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {

std::vector<int64_t> Reduction::list() const {
  return axes.empty() ? consecutive(0, rank) : axes;
}

Reduction reduction_of(const Conversion& c, std::string_view self) {
  Reduction reduction;
  reduction.rank = c.rank(self);
  reduction.keep = c.truth("keepdim", false);
  if (!c.has("dim")) return reduction;
  const int64_t axes = std::max<int64_t>(reduction.rank, 1);
  for (int64_t axis : c.integers("dim")) {
    if (axis < -axes || axis >= axes)
      fail(ErrorCode::kInvalidModel, "the argument 'dim' has {}, outside of a tensor of rank {}", axis,
           reduction.rank);
    // A tensor of rank 0 has no axes to name.
    if (reduction.rank > 0) reduction.axes.push_back(axis < 0 ? axis + axes : axis);
  }
  std::sort(reduction.axes.begin(), reduction.axes.end());
  return reduction;
}

Value* reduce(Conversion& c, const char* op_type, Value* value, const Reduction& reduction) {
  std::vector<Value*> inputs = {value};
  if (!reduction.is_total()) inputs.push_back(c.ints(reduction.axes));
  return c.emit(op_type, std::move(inputs), reduction.keep ? Attributes{} : Attributes{{"keepdims", 0}});
}

Value* count_of(Conversion& c, const Reduction& reduction, const Shape& sizes, DataType type) {
  Dim count = 1;
  for (const int64_t axis : reduction.list()) count = count * sizes[static_cast<size_t>(axis)];
  if (count.is_known()) return c.scalar(type, count.value());
  return c.emit("Cast", {c.emit("Squeeze", {c.shape({&count, 1})})}, {{"to", type}});
}

namespace {

// Sums of narrow integers are i64 in PyTorch, which says so of the result.
void reduce_in_result_type(Conversion& c, const char* op_type) {
  c.result(reduce(c, op_type, operand(c, "self", c.result_meta().type), reduction_of(c)));
}

// The type in which ONNX finds the extremes of this one.
DataType type_for_extremes(DataType type) {
  return type == DataType::kInt16 || type == DataType::kUint16 ? DataType::kInt32 : type;
}

Value* extreme(Conversion& c, const char* op_type, const Reduction& reduction) {
  const DataType type = c.meta("self").type, computed = type_for_extremes(type);
  return converted(c, reduce(c, op_type, operand(c, "self", computed), reduction), computed, type);
}

// Where the extreme is, for the first time.
Value* place_of_extreme(Conversion& c, const char* op_type, Value* value, DataType type, int64_t axis,
                        bool keep) {
  if (type == DataType::kBool) value = converted(c, value, type, DataType::kInt32);
  Attributes attributes;
  if (axis != 0) attributes.emplace_back("axis", axis);
  if (!keep) attributes.emplace_back("keepdims", 0);
  return c.emit(op_type, {value}, attributes);
}

// max, min: of all, or along one axis with the places.
void convert_extreme(Conversion& c, const char* reduce_op, const char* place_op) {
  const Reduction reduction = reduction_of(c);
  c.result(0, extreme(c, reduce_op, reduction));
  if (!c.is_used(1)) return;
  if (reduction.rank == 0) return c.result(1, integer(c, 0));
  const DataType type = c.meta("self").type;
  c.result(1, place_of_extreme(c, place_op, c.tensor("self"), type, reduction.axes.at(0), reduction.keep));
}

// argmax, argmin: along an axis, or among all elements.
void convert_place(Conversion& c, const char* op_type) {
  const DataType type = c.meta("self").type;
  Value* self = c.tensor("self");
  const Shape& sizes = c.meta("self").sizes;
  if (sizes.empty()) return c.result(integer(c, 0));
  if (c.has("dim")) {
    const int64_t axis = c.axis("dim", c.rank("self"));
    return c.result(place_of_extreme(c, op_type, self, type, axis, c.truth("keepdim", false)));
  }
  if (sizes.size() > 1) self = c.emit("Reshape", {self, c.ints({-1})});
  Value* place = place_of_extreme(c, op_type, self, type, 0, false);
  const bool keep = c.truth("keepdim", false);
  c.result(keep ? c.emit("Reshape", {place, c.ints(std::vector<int64_t>(sizes.size(), 1))}) : place);
}

// Bytes stay bytes in PyTorch, everything else becomes a truth.
void reduce_truths(Conversion& c, const char* op_type) {
  Value* truths = operand(c, "self", DataType::kBool);
  Value* reduced = reduce(c, op_type, truths, reduction_of(c));
  c.result(converted(c, reduced, DataType::kBool, c.result_meta().type));
}

}  // namespace

void convert_sum(Conversion& c) {
  reduce_in_result_type(c, "ReduceSum");
}

void convert_mean(Conversion& c) {
  reduce_in_result_type(c, "ReduceMean");
}

void convert_prod(Conversion& c) {
  reduce_in_result_type(c, "ReduceProd");
}

void convert_amax(Conversion& c) {
  c.result(extreme(c, "ReduceMax", reduction_of(c)));
}

void convert_amin(Conversion& c) {
  c.result(extreme(c, "ReduceMin", reduction_of(c)));
}

void convert_max(Conversion& c) {
  convert_extreme(c, "ReduceMax", "ArgMax");
}

void convert_min(Conversion& c) {
  convert_extreme(c, "ReduceMin", "ArgMin");
}

void convert_argmax(Conversion& c) {
  convert_place(c, "ArgMax");
}

void convert_argmin(Conversion& c) {
  convert_place(c, "ArgMin");
}

void convert_aminmax(Conversion& c) {
  const Reduction reduction = reduction_of(c);
  if (c.is_used(0)) c.result(0, extreme(c, "ReduceMin", reduction));
  if (c.is_used(1)) c.result(1, extreme(c, "ReduceMax", reduction));
}

void convert_any(Conversion& c) {
  reduce_truths(c, "ReduceMax");
}

void convert_all(Conversion& c) {
  reduce_truths(c, "ReduceMin");
}

void convert_count_nonzero(Conversion& c) {
  const DataType type = c.meta("self").type;
  Value* self = c.tensor("self");
  // A Cast to bool says the same, but not of NaN in every engine.
  if (type != DataType::kBool) self = c.emit("Not", {c.emit("Equal", {self, c.scalar(type, int64_t{0})})});
  c.result(reduce(c, "ReduceSum", converted(c, self, DataType::kBool, DataType::kInt64), reduction_of(c)));
}

// Sums and means of what is no NaN.
void convert_nansum(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* self = operand(c, "self", type);
  const bool means = operator_name(c) == "nanmean";
  const Reduction reduction = reduction_of(c);
  if (!is_floating_point(type)) return c.result(reduce(c, "ReduceSum", self, reduction));
  Value* is_nan = c.emit("IsNaN", {self});
  Value* sum = reduce(c, "ReduceSum", c.emit("Where", {is_nan, c.scalar(type, 0.0), self}), reduction);
  if (!means) return c.result(sum);
  Value* counted = c.emit("Cast", {c.emit("Not", {is_nan})}, {{"to", type}});
  c.result(c.emit("Div", {sum, reduce(c, "ReduceSum", counted, reduction)}));
}

void convert_logsumexp(Conversion& c) {
  reduce_in_result_type(c, "ReduceLogSumExp");
}

}  // namespace slipway::torch::aten
