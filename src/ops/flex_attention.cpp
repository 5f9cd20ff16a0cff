// FlexAttention (domain ai.onnx.preview): attention whose scores and probabilities pass through graphs that
// the model gives, as PyTorch's flex_attention has it.
#include <cmath>

#include "base/error.hpp"
#include "graph/graph.hpp"
#include "ops/attention_heads.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

// In which type the graphs see scores and probabilities.
DataType precision_of(const Node& node, DataType input) {
  const int64_t stated = node.int_attribute("softmax_precision", 0);
  if (stated == 0) return input == DataType::kDouble ? input : DataType::kFloat;
  if (!is_data_type(stated) || !kFloats.contains(static_cast<DataType>(stated)))
    fail(ErrorCode::kInvalidModel, "attribute softmax_precision is {}, but one of {} was expected", stated,
         kFloats.to_string());
  return static_cast<DataType>(stated);
}

const Graph* graph_attribute(const Node& node, const char* name) {
  const Attribute* attribute = node.find_attribute(name);
  const auto* graph = attribute ? attribute->as<std::unique_ptr<Graph>>() : nullptr;
  if (!graph || !*graph) return nullptr;
  if ((*graph)->inputs().size() != 1 || (*graph)->outputs().size() != 1)
    fail(ErrorCode::kInvalidModel, "graph {} has {} inputs and {} outputs, but one of each is expected", name,
         (*graph)->inputs().size(), (*graph)->outputs().size());
  return graph->get();
}

// What the graph makes of `exact`, which it sees rounded.
Tensor modified(KernelContext& context, const char* name, const Tensor& exact, DataType precision) {
  const Graph* graph = graph_attribute(context.node(), name);
  if (!graph) return exact;
  const RuntimeValue input = cast_elements(exact, precision);
  const auto outputs = context.run_subgraph(*graph, std::span(&input, 1));
  const Tensor& output = outputs.at(0).tensor();
  require_dims(output, name, exact.dims());
  if (output.type() != precision)
    fail(ErrorCode::kInvalidModel, "graph {} makes {}, but elements of type {} are expected", name,
         output.describe(), name_of(precision));
  return cast_elements(output, DataType::kDouble);
}

void compute(KernelContext& context) {
  const Node& node = context.node();
  const char* const names[] = {"Q", "K", "V"};
  for (size_t i = 0; i < 3; ++i)
    if (context.input(i).rank() != 4)
      fail(ErrorCode::kInvalidModel, "{} is {}, but 4 axes are expected", names[i],
           context.input(i).describe());
  const AttentionHeads query = attention_heads(exact_input(context, 0), 0, names[0]);
  const AttentionHeads key = attention_heads(exact_input(context, 1), 0, names[1]);
  const AttentionHeads value = attention_heads(exact_input(context, 2), 0, names[2]);
  check_attention(query, key, value);
  const DataType type = context.input(0).type(), precision = precision_of(node, type);
  const auto scale = node.find_attribute("scale") ? static_cast<double>(node.float_attribute("scale", 1))
                                                  : 1 / std::sqrt(static_cast<double>(query.size));
  Tensor scores = modified(context, "score_mod", attention_scores(query, key, scale), precision);
  softmax_rows(scores);
  const Tensor weights = modified(context, "prob_mod", scores, precision);
  round_to_output(context, 0, type, weigh_values(weights, value, false));
}

void infer_graph(InferenceContext& context, const char* name, const Type& type) {
  if (const Graph* graph = graph_attribute(context.node(), name)) context.infer_subgraph(*graph, {type});
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const DataType precision = precision_of(context.node(), type);
  Shape shapes[3];
  for (size_t i = 0; i < 3; ++i) {
    const auto& shape = context.input_shape(i);
    if (shape && shape->size() != 4)
      fail(ErrorCode::kInvalidModel, "an input is {}, but 4 axes are expected", to_string(*shape));
    shapes[i] = shape.value_or(Shape(4));
  }
  const auto& [query, key, value] = shapes;
  const Type scores = Type::tensor(precision, Shape{query[0], query[1], query[2], key[2]});
  infer_graph(context, "score_mod", scores);
  infer_graph(context, "prob_mod", scores);
  context.set_output_type(0, Type::tensor(type, Shape{query[0], query[1], query[2], value[3]}));
}

}  // namespace

void register_flex_attention(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "FlexAttention",
                .domain = "ai.onnx.preview",
                .since_version = 1,
                .inputs = {{"Q", "T1"}, {"K", "T1"}, {"V", "T1"}},
                .outputs = {{"Y", "T1"}},
                .attributes = {{"prob_mod", Kind::kGraph},
                               {"scale", Kind::kFloat},
                               {"score_mod", Kind::kGraph},
                               {"softmax_precision", Kind::kInt}},
                .type_constraints = {{"T1", kFloats}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
