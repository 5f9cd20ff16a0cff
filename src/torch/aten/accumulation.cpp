// Sums, products and extremes of all elements up to each one.
#include <fmt/format.h>

#include <limits>

#include "torch/aten/operands.hpp"
#include "torch/aten/scan_body.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

void accumulate(Conversion& c, const char* op_type) {
  Value* self = operand(c, "self", c.result_meta().type);
  if (c.rank("self") == 0) return c.result(self);
  c.result(c.emit(op_type, {self, integer(c, c.axis("dim", c.rank("self")))}));
}

}  // namespace

void convert_cumsum(Conversion& c) {
  accumulate(c, "CumSum");
}

void convert_cumprod(Conversion& c) {
  accumulate(c, "CumProd");
}

namespace {

// The first slice along an axis, without the axis.
Value* first_slice(Conversion& c, Value* value, int64_t axis) {
  return gather(c, value, integer(c, 0), axis);
}

void accumulate_extreme(Conversion& c, const char* is_beyond) {
  const ir::TensorMeta& meta = c.meta("self");
  const DataType type = meta.type == DataType::kBool ? DataType::kInt32 : meta.type;
  Value* self = operand(c, "self", type);
  const auto rank = static_cast<int64_t>(meta.sizes.size());
  if (rank == 0) {
    c.result(0, c.tensor("self"));
    if (c.is_used(1)) c.result(1, integer(c, 0));
    return;
  }
  const int64_t axis = c.axis("dim", rank);
  // State: the extreme so far, its place, and how many were seen. A later one that is equal counts, NaN
  // stays.
  Body body;
  Value* extreme = body.input("extreme", type);
  Value* place = body.input("place", DataType::kInt64);
  Value* next = body.input("next", type);
  Value* here = body.input("here", DataType::kInt64);
  Value* taken = body.emit(is_beyond, {next, extreme});
  if (is_floating_point(type)) {
    Value* stays = body.emit("Not", {body.emit("IsNaN", {extreme})});
    taken = body.emit("And", {body.emit("Or", {taken, body.emit("IsNaN", {next})}), stays});
    taken = body.emit("Or",
                      {taken, body.emit("And", {body.emit("IsNaN", {next}), body.emit("IsNaN", {extreme})})});
  }
  Value* new_extreme = body.emit("Where", {taken, next, extreme});
  Value* new_place = body.emit("Where", {taken, here, place});
  for (Value* value : {new_extreme, new_place, new_extreme, new_place}) body.output(value);
  Value* first = first_slice(c, self, axis);
  Value* zeros = c.emit("ConstantOfShape", {c.emit("Shape", {first})},
                        {{"value", Tensor::from<int64_t>({1}, std::vector<int64_t>{0})}});
  // The places as a tensor of rank 1 is scanned along its own axis.
  Value* places = counted(c, meta.sizes[static_cast<size_t>(axis)]);
  std::vector<int64_t> ones = other_axes({axis}, rank);
  places = unsqueeze(c, places, ones);
  const auto made = scan(c, std::move(body), {first, zeros, self, places}, 2, {.axis = axis});
  c.result(0, converted(c, made[2], type, meta.type));
  if (c.is_used(1)) c.result(1, made[3]);
}

}  // namespace

void convert_cummax(Conversion& c) {
  accumulate_extreme(c, "GreaterOrEqual");
}

void convert_cummin(Conversion& c) {
  accumulate_extreme(c, "LessOrEqual");
}

// log Σ exp up to each element, by the larger of sum and element: nothing overflows or vanishes.
void convert_logcumsumexp(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* self = operand(c, "self", type);
  const int64_t rank = c.rank("self");
  if (rank == 0) return c.result(self);
  const int64_t axis = c.axis("dim", rank);
  Body body;
  Value* sum = body.input("sum", type);
  Value* next = body.input("next", type);
  Value* larger = body.emit("Max", {sum, next});
  Value* distance = body.emit("Neg", {body.emit("Abs", {body.emit("Sub", {sum, next})})});
  // Two that are infinite on the same side have no distance.
  Value* is_nan = body.emit("Equal", {sum, next});
  Value* zero = c.scalar(type, 0.0);
  Value* more = body.emit("Softplus", {body.emit("Where", {is_nan, zero, distance})});
  Value* total = body.emit("Add", {larger, more});
  body.output(total);
  body.output(total);
  Value* start = c.emit(
      "ConstantOfShape", {c.emit("Shape", {first_slice(c, self, axis)})},
      {{"value", c.scalar(type, -std::numeric_limits<double>::infinity())->constant()->reshaped({1})}});
  c.result(scan(c, std::move(body), {start, self}, 1, {.axis = axis})[1]);
}

namespace {

// Three nodes each.
constexpr int64_t kMostDifferences = 64;

}  // namespace

// Differences between neighbours, n times.
void convert_diff(Conversion& c) {
  const DataType type = c.result_meta().type;
  const int64_t rank = c.rank("self"), axis = c.axis("dim", rank, -1);
  std::vector<Value*> parts;
  for (const char* argument : {"prepend", "self", "append"})
    if (c.has(argument)) parts.push_back(operand(c, argument, type));
  Value* value = concat(c, parts, axis);
  const int64_t n = c.integer("n", 1);
  if (n < 0 || n > kMostDifferences) c.refuse(fmt::format("differences of differences {} times", n));
  for (int64_t i = 0; i < n; ++i) {
    Value* later = slice(c, value, axis, 1, std::numeric_limits<int64_t>::max());
    value = c.emit(type == DataType::kBool ? "Xor" : "Sub", {later, slice(c, value, axis, 0, -1)});
  }
  c.result(value);
}

}  // namespace slipway::torch::aten
