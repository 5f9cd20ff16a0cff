// Computes in f32 what a model states in f16 or bf16: processors have vectors of f32, and of half precision
// seldom. Casts stand where half precision comes in and where somebody sees it come out; between operators
// values stay f32, which is never less precise.
#include <algorithm>
#include <unordered_map>

#include "ops/infer_types.hpp"
#include "ops/private_attributes.hpp"
#include "passes/passes.hpp"

namespace slipway::passes {
namespace {

bool is_half(DataType type) {
  return type == DataType::kFloat16 || type == DataType::kBfloat16;
}

// What these give depends on the type itself, not on the number alone.
constexpr std::string_view kTypeMatters[] = {"BitCast",          "Cast",           "CastLike",
                                             "DequantizeLinear", "QuantizeLinear", "DynamicQuantizeLinear"};
// Products of bf16 that machines may have instructions for.
constexpr std::string_view kMultiplies[] = {"Conv", "Gemm", "MatMul"};
// These compute nothing, so that it is not worth a cast to do it in f32.
constexpr std::string_view kMovesElements[] = {
    "Concat",         "Constant",  "DepthToSpace", "Expand",       "Flatten", "Gather",
    "GatherElements", "GatherND",  "Identity",     "OneHot",       "Pad",     "Reshape",
    "Shape",          "Size",      "Slice",        "SpaceToDepth", "Split",   "Squeeze",
    "Tile",           "Transpose", "Trilu",        "Unsqueeze",    "Where",   "ReverseSequence"};

bool is_one_of(const Node& node, std::span<const std::string_view> op_types) {
  return canonical_domain(node.domain()).empty() &&
         std::find(op_types.begin(), op_types.end(), node.op_type()) != op_types.end();
}

// The parameter that the schema has for an input or output; a variadic last one stands for all behind it.
const ops::Parameter* parameter_at(const std::vector<ops::Parameter>& parameters, size_t index) {
  if (index < parameters.size()) return &parameters[index];
  const bool repeats = !parameters.empty() && parameters.back().arity == ops::Arity::kVariadic;
  return repeats ? &parameters.back() : nullptr;
}

// Does the schema let every value of this type constraint be f32?
bool may_be_float(const ops::Operator& definition, std::string_view constraint) {
  for (const ops::TypeConstraint& candidate : definition.type_constraints)
    if (candidate.name == constraint) return candidate.types.contains(DataType::kFloat);
  return false;
}

// Can anything be of half precision here? Most models have none of it, and need no inference to see that.
bool has_half(const Graph& graph) {
  const auto is_half_type = [](const Value* value) { return is_half(value->type().element_type()); };
  for (const Value* value = graph.first_value(); value; value = Graph::next_value(value))
    if (is_half_type(value)) return true;
  for (const Node* node = graph.first_node(); node; node = node->next())
    for (const Attribute& attribute : node->attributes()) {
      const auto* number = attribute.as<int64_t>();
      if (number && is_data_type(*number) && is_half(static_cast<DataType>(*number))) return true;
      const auto* constant = attribute.as<Constant>();
      if (constant && is_half(constant->tensor.type())) return true;
    }
  // A body may read such values from outside.
  return graph.owner() != nullptr;
}

class Widening {
 public:
  Widening(Graph& graph, const ops::Registry& operators)
      : graph_(graph), operators_(operators), types_(ops::infer_types_for(graph, operators, {})) {}

  bool run() {
    bool changed = false;
    for (Node *node = graph_.first_node(), *next = nullptr; node; node = next) {
      next = node->next();
      if (!should_widen(*node)) continue;
      widen(node);
      changed = true;
    }
    return changed;
  }

 private:
  bool is_half(const Value* value) const {
    return value && passes::is_half(types_.type(value).element_type());
  }

  bool should_widen(const Node& node) const {
    if (std::none_of(node.inputs().begin(), node.inputs().end(), [&](auto* v) { return is_half(v); }))
      return false;
    if (is_one_of(node, kTypeMatters) || !can_widen(node)) return false;
    if (!is_one_of(node, kMovesElements)) return true;
    return std::all_of(node.inputs().begin(), node.inputs().end(),
                       [&](auto* v) { return !is_half(v) || wide_.count(v) != 0; });
  }

  // Are all types known, may all that is of half precision be f32, and do the outputs get their type from an
  // input (and not from an attribute)?
  bool can_widen(const Node& node) const {
    const ops::Operator* definition = operators_.find(node.domain(), node.op_type());
    if (!definition || !definition->deterministic) return false;
    bool has_body = false;
    for_each_subgraph(node, [&](const Graph&) { has_body = true; });
    if (has_body) return false;
    std::vector<std::string_view> widened;
    for (size_t i = 0; i < node.inputs().size(); ++i) {
      const Value* input = node.input(i);
      if (!input) continue;
      if (!types_.type(input).is_tensor()) return false;
      if (!is_half(input)) continue;
      const ops::Parameter* parameter = parameter_at(definition->inputs, i);
      if (!parameter || !may_be_float(*definition, parameter->type)) return false;
      widened.push_back(parameter->type);
    }
    for (size_t i = 0; i < node.outputs().size(); ++i) {
      const Value* output = node.output(i);
      if (!output) continue;
      if (!types_.type(output).is_tensor()) return false;
      if (!is_half(output)) continue;
      const ops::Parameter* parameter = parameter_at(definition->outputs, i);
      if (!parameter || std::find(widened.begin(), widened.end(), parameter->type) == widened.end())
        return false;
    }
    return true;
  }

  // Of the products, both operands.
  bool multiplies_bfloat16(const Node& node) const {
    const auto is_bfloat16 = [&](size_t index) {
      return node.input(index) && types_.type(node.input(index)).element_type() == DataType::kBfloat16;
    };
    return is_one_of(node, kMultiplies) && is_bfloat16(0) && is_bfloat16(1);
  }

  void widen(Node* node) {
    if (multiplies_bfloat16(*node))
      node->set_attribute(std::string(ops::kMultiplyAs), std::string(name_of(DataType::kBfloat16)));
    for (size_t i = 0; i < node->inputs().size(); ++i)
      if (Value* input = node->input(i); is_half(input)) graph_.set_input(node, i, wide(input, node));
    for (size_t i = 0; i < node->outputs().size(); ++i) {
      Value* output = node->output(i);
      if (!is_half(output)) continue;
      wide_.emplace(output, put_cast_behind(node, i));
    }
  }

  // The node makes a new value, and a cast of that the old one, which keeps its name and readers.
  Value* put_cast_behind(Node* node, size_t index) {
    Value* output = node->output(index);
    Node* maker = graph_.insert_node(node, "Identity", {});
    Value* made = maker->output(0);
    Node* narrow = graph_.insert_node(node->next(), "Cast", {made}, 0);
    narrow->set_attribute("to", static_cast<int64_t>(types_.type(output).element_type()));
    graph_.move_output(node, index, narrow, 0);
    graph_.move_output(maker, 0, node, index);
    graph_.erase(maker);
    graph_.rename(made, graph_.unused_name(output->name() + ".f32"));
    return made;
  }

  // The value as f32; cast in front of its first reader.
  Value* wide(Value* value, Node* reader) {
    const auto found = wide_.find(value);
    if (found != wide_.end()) return found->second;
    Node* cast = graph_.insert_node(reader, "Cast", {value});
    cast->set_attribute("to", static_cast<int64_t>(DataType::kFloat));
    graph_.rename(cast->output(0), graph_.unused_name(value->name() + ".f32"));
    return wide_[value] = cast->output(0);
  }

  Graph& graph_;
  const ops::Registry& operators_;
  const ops::InferredTypes types_;
  std::unordered_map<const Value*, Value*> wide_;
};

}  // namespace

bool widen_half_precision(Graph& graph, PassContext& context) {
  return has_half(graph) && Widening(graph, context.operators).run();
}

}  // namespace slipway::passes
