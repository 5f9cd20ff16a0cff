#include "ops/inference_context.hpp"

#include "base/error.hpp"
#include "ops/kernel_context.hpp"

namespace slipway::ops {
namespace {

// Sizes 1 stretch; a number other than 1 decides, since whatever else is there must be it or 1.
Dim broadcast(const Dim& a, const Dim& b) {
  if (a.is_known() && a.value() == 1) return b;
  if (b.is_known() && b.value() == 1) return a;
  if (a.is_known() && b.is_known() && a.value() != b.value())
    fail(ErrorCode::kInvalidModel,
         "sizes {} and {} cannot be broadcast: they must be the same, or one of them 1", a.value(),
         b.value());
  if (a.is_known()) return a;
  if (b.is_known()) return b;
  return a == b ? a : Dim();
}

}  // namespace

const std::optional<Shape>& InferenceContext::input_shape(size_t index) const {
  return input_type(index).shape();
}

std::optional<std::vector<int64_t>> InferenceContext::input_integers(size_t index, const char* what) const {
  const Tensor* tensor = has_input(index) ? input_constant(index) : nullptr;
  if (!tensor) return std::nullopt;
  return read_integers(*tensor, what);
}

void infer_like_first_input(InferenceContext& context) {
  context.set_output_type(0, context.input_type(0));
}

Shape broadcast(const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape result = longer;
  const size_t offset = longer.size() - shorter.size();
  for (size_t axis = 0; axis < shorter.size(); ++axis)
    with_context([&] { return "shapes " + to_string(a) + " and " + to_string(b); },
                 [&] { result[axis + offset] = broadcast(longer[axis + offset], shorter[axis]); });
  return result;
}

std::optional<Shape> broadcast_input_shapes(const InferenceContext& context) {
  Shape result;
  for (size_t i = 0; i < context.input_count(); ++i) {
    if (!context.has_input(i)) continue;
    const auto& shape = context.input_shape(i);
    if (!shape) return std::nullopt;
    result = broadcast(result, *shape);
  }
  return result;
}

size_t normalize_axis(int64_t axis, size_t rank, const char* what) {
  const int64_t signed_rank = static_cast<int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank)
    fail(ErrorCode::kInvalidModel, "{} {} is outside a tensor of rank {}: it must be from {} to {}", what,
         axis, rank, -signed_rank, signed_rank - 1);
  return static_cast<size_t>(axis < 0 ? axis + signed_rank : axis);
}

DataType type_attribute(const Node& node, std::string_view name, DataType otherwise) {
  const int64_t number = node.int_attribute(name, static_cast<int64_t>(otherwise));
  if (!is_data_type(number))
    fail(ErrorCode::kInvalidModel, "attribute '{}' is {}, which is no element type", name, number);
  return static_cast<DataType>(number);
}

}  // namespace slipway::ops
