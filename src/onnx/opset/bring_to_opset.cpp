#include "onnx/opset/bring_to_opset.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/error.hpp"
#include "graph/function_call.hpp"
#include "onnx/opset/bring_to_newest.hpp"
#include "onnx/opset/down/downgrade_rules.hpp"
#include "onnx/opset/function_types.hpp"
#include "onnx/opset/ir_version.hpp"
#include "onnx/opset/node_conversion.hpp"
#include "onnx/opset/operator_versions.hpp"
#include "ops/registry.hpp"

namespace slipway {
namespace {

// The last rule for an operator that came behind the opset, up to `version`; nullptr when there is none.
const ConversionRule* last_rule(std::string_view op_type, int64_t opset, int64_t version) {
  const ConversionRule* last = nullptr;
  for (const ConversionRule& rule : downgrade_rules())
    if (rule.op_type == op_type && rule.version > opset && rule.version <= version) last = &rule;
  return last;
}

// Takes away what nobody reads any more, and what was there for it alone.
void remove_unused(std::vector<Value*> values) {
  std::unordered_set<Value*> gone;
  while (!values.empty()) {
    Value* value = values.back();
    values.pop_back();
    if (gone.contains(value) || !value->is_unused() || value->is_graph_input()) continue;
    Graph& graph = value->graph();
    Node* maker = value->producer();
    if (!maker) {
      graph.remove_initializer(value);
      graph.erase(value);
      gone.insert(value);
      continue;
    }
    const auto outputs = maker->outputs();
    if (std::any_of(outputs.begin(), outputs.end(), [](Value* one) { return one && !one->is_unused(); }))
      continue;
    for (Value* input : maker->inputs())
      if (input) values.push_back(input);
    gone.insert(outputs.begin(), outputs.end());
    graph.erase(maker);
  }
}

class GraphDowngrade {
 public:
  GraphDowngrade(int64_t opset, std::span<const Function> functions, std::vector<std::string>& refusals)
      : opset_(opset),
        functions_(functions),
        refusals_(refusals),
        types_(ops::standard_operators(), functions) {}

  // `inputs`: what is known of the graph's inputs beyond what it states.
  void run(Graph& graph, const std::vector<Type>& inputs = {}) {
    for (size_t i = 0; i < inputs.size(); ++i) types_.replace_type(*graph.inputs()[i], inputs[i]);
    types_.infer(graph);
    convert_graph(graph);
    remove_unused(std::move(dropped_));
  }

 private:
  void convert_graph(Graph& graph) {
    for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
      next = node->next();
      const std::string place = node->describe();
      try {
        convert(node);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kUnsupported && error.code() != ErrorCode::kInvalidModel) throw;
        refusals_.push_back(place + ": " + error.reason());
      }
    }
  }

  // The node and what rules put in front of it, which is in the newest form at first.
  void convert(Node* node) {
    if (!canonical_domain(node->domain()).empty() || find_function(functions_, *node))
      return convert_bodies(*node);
    Node* const before = node->previous();
    Node* const behind = node->next();
    Graph& graph = node->graph();
    node = apply_rules(node);
    Node* inserted = before ? before->next() : graph.first_node();
    for (Node* next = nullptr; inserted != (node ? node : behind); inserted = next) {
      next = inserted->next();
      if (!became_constant(inserted)) convert(inserted);
    }
    if (!node) return;
    convert_bodies(*node);
    const std::string reason = reason_against(
        *node, opset_, [this](const Value& value) -> const Type& { return types_.type(&value); });
    if (!reason.empty()) fail(ErrorCode::kUnsupported, "{}", reason);
  }

  // What a rule computes of sizes that are known is a constant.
  bool became_constant(Node* node) {
    Value* const computed = node->output(0);
    const Tensor* content = types_.constant(computed);
    if (node->outputs().size() != 1 || computed->is_graph_output() || !content) return false;
    Graph& graph = node->graph();
    const std::string name = computed->name();
    Value* constant = graph.add_initializer(name, *content);
    graph.replace_uses(computed, constant);
    for (Value* input : node->inputs())
      if (input) dropped_.push_back(input);
    types_.forget(*node);
    graph.erase(node);
    graph.rename(constant, name);
    return true;
  }

  // Returns what stands in the node's place; nullptr when others make its outputs.
  Node* apply_rules(Node* node) {
    NodeConversion step(node, kNewestOpset, opset_, types_);
    const Node* known = node->previous();  // types in front are inferred
    Graph& graph = node->graph();
    const Node* const behind = node->next();
    int64_t version = kNewestOpset;
    while (const ConversionRule* rule = last_rule(step.node().op_type(), opset_, version)) {
      const std::string op_type = step.node().op_type();
      rule->apply(step);
      const Node* end = step.is_erased() ? behind : &step.node();
      for (const Node* made = known ? known->next() : graph.first_node(); made != end; made = made->next()) {
        types_.infer_node(*made);
        known = made;
      }
      if (step.is_erased()) break;
      version = step.node().op_type() == op_type ? rule->version - 1 : kNewestOpset;
    }
    dropped_.insert(dropped_.end(), step.dropped_inputs().begin(), step.dropped_inputs().end());
    return step.is_erased() ? nullptr : &step.node();
  }

  void convert_bodies(Node& node) {
    for_each_subgraph(node, [&](Graph& body) { convert_graph(body); });
  }

  int64_t opset_;
  std::span<const Function> functions_;
  std::vector<std::string>& refusals_;
  ops::GraphInference types_;
  std::vector<Value*> dropped_;
};

void require_no_refusals(const std::vector<std::string>& refusals, int64_t opset) {
  if (refusals.empty()) return;
  std::string list;
  for (const std::string& one : refusals) list += "\n  " + one;
  fail(ErrorCode::kUnsupported, "{} node{} cannot be said in opset {}; write a newer one:{}", refusals.size(),
       refusals.size() == 1 ? "" : "s", opset, list);
}

void bring_down(Model& model, int64_t opset) {
  std::vector<std::string> refusals;
  // Types are inferred through functions in the newest form.
  const Model newest = clone(model);
  auto call_types = types_of_calls(newest);
  for (size_t f = 0; f < model.functions.size(); ++f) {
    const size_t before = refusals.size();
    GraphDowngrade(opset, newest.functions, refusals)
        .run(*model.functions[f].body, call_types[&newest.functions[f]]);
    for (size_t i = before; i < refusals.size(); ++i)
      refusals[i] = fmt::format("function '{}': {}", model.functions[f].name, refusals[i]);
    model.functions[f].opset_imports.set("", opset);
  }
  GraphDowngrade(opset, newest.functions, refusals).run(*model.graph);
  require_no_refusals(refusals, opset);
}

}  // namespace

void bring_to_opset(Model& model, int64_t opset) {
  if (opset < kOldestWrittenOpset || opset > kNewestOpset)
    fail(ErrorCode::kInvalidArgument, "opset {} is asked for, but {} to {} can be written", opset,
         kOldestWrittenOpset, kNewestOpset);
  if (model.opset_imports.version("") == opset) return;
  bring_to_newest(model);
  if (opset < kNewestOpset) bring_down(model, opset);
  model.opset_imports.set("", opset);
  model.ir_version = ir_version_for(model, opset);
}

}  // namespace slipway
