#include "ops/body.hpp"

#include "base/error.hpp"
#include "ops/join_tensors.hpp"
#include "ops/merge_types.hpp"

namespace slipway::ops {
namespace {

// Each round infers all bodies inside anew: d levels of r rounds are r^d inferences of the innermost one.
constexpr int kMostNestingWithRounds = 3;
constexpr int kRounds = 3;

Type without_shapes(const Type& type) {
  switch (type.kind()) {
    case Type::Kind::kTensor:
      return Type::tensor(type.element_type());
    case Type::Kind::kSequence:
      return Type::sequence(without_shapes(type.inner()));
    case Type::Kind::kOptional:
      return Type::optional(without_shapes(type.inner()));
    default:
      return type;
  }
}

bool is_optional(const Type& type) {
  return type.kind() == Type::Kind::kOptional;
}

// What may be absent in one round may be there in the next.
Type widen_carried(const Type& before, const Type& after) {
  if (before.is_none() || after.is_none() || is_optional(before) == is_optional(after))
    return widen_types(before, after);
  return Type::optional(
      widen_types(is_optional(before) ? before.inner() : before, is_optional(after) ? after.inner() : after));
}

std::vector<Type> inputs_of(const RepeatedBody& body) {
  std::vector<Type> types = body.before;
  types.insert(types.end(), body.carried.begin(), body.carried.end());
  types.insert(types.end(), body.after.begin(), body.after.end());
  return types;
}

}  // namespace

const Graph& body_of(const Node& node, std::string_view attribute, size_t min_outputs) {
  const Attribute* found = node.find_attribute(attribute);
  const auto* graph = found ? found->as<std::unique_ptr<Graph>>() : nullptr;
  if (!graph || !*graph) fail(ErrorCode::kInvalidModel, "attribute '{}' holds no graph", attribute);
  if ((*graph)->outputs().size() < min_outputs)
    fail(ErrorCode::kInvalidModel, "graph '{}' has {} outputs, but its node needs {}", attribute,
         (*graph)->outputs().size(), min_outputs);
  return **graph;
}

bool read_condition(const Tensor& tensor) {
  if (tensor.type() != DataType::kBool || tensor.count() != 1)
    fail(ErrorCode::kInvalidArgument, "the condition is {}, but one bool was expected", tensor.describe());
  return tensor.data<bool>()[0];
}

std::vector<Type> infer_repeated(InferenceContext& context, RepeatedBody& body) {
  int rounds_left = context.nesting() < kMostNestingWithRounds ? kRounds : 0;
  for (;;) {
    if (rounds_left-- == 0)
      for (Type& type : body.carried) type = without_shapes(type);
    const std::vector<Type> outputs = context.infer_subgraph(body.graph, inputs_of(body));
    std::vector<Type> widened;
    for (size_t i = 0; i < body.carried.size(); ++i)
      with_context(
          [&] { return fmt::format("carried value {}", i); },
          [&] { widened.push_back(widen_carried(body.carried[i], outputs[body.first_carried_output + i])); });
    const bool settled = widened == body.carried;
    body.carried = std::move(widened);
    if (settled || rounds_left < 0) return outputs;
  }
}

void collect_rows(KernelContext& context, size_t output, std::span<const Tensor> rows, int64_t axis,
                  const Type& stated) {
  if (!rows.empty()) return stack(context, output, rows, normalize_axis(axis, rows[0].rank() + 1));
  if (!stated.is_tensor() || stated.element_type() == DataType::kUndefined)
    fail(ErrorCode::kUnsupported, "no round was run, and the type of output {} is not known", output);
  Dims dims;
  for (const Dim& size : stated.shape().value_or(Shape())) dims.push_back(size.is_known() ? size.value() : 0);
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(normalize_axis(axis, dims.size() + 1)), 0);
  context.make_output(output, stated.element_type(), std::move(dims));
}

}  // namespace slipway::ops
