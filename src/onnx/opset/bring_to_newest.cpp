#include "onnx/opset/bring_to_newest.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "graph/function_call.hpp"
#include "graph/inline_functions.hpp"
#include "onnx/opset/contrib/rules.hpp"
#include "onnx/opset/node_conversion.hpp"
#include "onnx/opset/up/upgrade_rules.hpp"
#include "ops/merge_types.hpp"

namespace slipway {
namespace {

// No rule applies to what is written for this opset or a newer one.
int newest_rule() {
  static const int newest =
      std::max_element(upgrade_rules().begin(), upgrade_rules().end(), [](const auto& a, const auto& b) {
        return a.version < b.version;
      })->version;
  return newest;
}

// The first rule for an operator as it was before `version`, or nullptr.
const ConversionRule* next_rule(std::string_view op_type, int64_t version) {
  const auto rules = upgrade_rules();
  const auto found = std::lower_bound(rules.begin(), rules.end(), std::pair(op_type, version + 1),
                                      [](const ConversionRule& rule, const auto& wanted) {
                                        return std::pair(rule.op_type, int64_t{rule.version}) < wanted;
                                      });
  return found != rules.end() && found->op_type == op_type ? &*found : nullptr;
}

class GraphUpgrade {
 public:
  GraphUpgrade(int64_t written_for, std::span<const Function> functions, const ops::Registry& operators)
      : written_for_(written_for), functions_(functions), types_(operators, functions) {}

  void run(Graph& graph) {
    for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
      next = node->next();
      const Node* before = node->previous();
      for_each_subgraph(*node, [&](Graph& body) { run(body); });
      with_context([&] { return node->describe(); }, [&] { node = upgrade(node); });
      for (const Node* done = before ? before->next() : graph.first_node(); done != next; done = done->next())
        types_.infer_node(*done);
    }
  }

 private:
  // All rules in turn; a rule may make it another operator. Returns what stands in the node's place.
  Node* upgrade(Node* node) {
    NodeConversion step(node, written_for_, kNewestOpset, types_);
    int64_t version = written_for_;
    if (find_function(functions_, *node)) return node;
    if (const ContribRule* rule = find_contrib_rule(*node)) {
      rule->apply(step);
      return &step.node();
    }
    if (!canonical_domain(node->domain()).empty()) return node;
    while (const ConversionRule* rule = next_rule(step.node().op_type(), version)) {
      rule->apply(step);
      version = rule->version;
    }
    return &step.node();
  }

  int64_t written_for_;
  std::span<const Function> functions_;
  ops::GraphInference types_;
};

bool needs_contrib_rule(const Graph& graph) {
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    bool needed = find_contrib_rule(*node) != nullptr;
    for_each_subgraph(*node, [&](const Graph& body) { needed = needed || needs_contrib_rule(body); });
    if (needed) return true;
  }
  return false;
}

void bring_graph(Graph& graph, int64_t written_for, std::span<const Function> functions,
                 const ops::Registry& operators) {
  if (written_for > kNewestOpset)
    fail(ErrorCode::kUnsupported,
         "the model is written in opset {}, and the newest that this build knows is {}; export it again with "
         "opset {}",
         written_for, kNewestOpset, kNewestOpset);
  if (written_for < newest_rule() || needs_contrib_rule(graph))
    GraphUpgrade(written_for, functions, operators).run(graph);
}

// What an initializer holds has to be what the input of its name is declared as.
void check_defaults(const Graph& graph) {
  for (const Value* input : graph.inputs())
    if (const Tensor* held = input->initializer())
      with_context([&] { return fmt::format("the initializer of the input '{}'", input->name()); },
                   [&] {
                     const Dims& dims = held->dims();
                     ops::merge_types(input->type(),
                                      Type::tensor(held->type(), Shape(dims.begin(), dims.end())));
                   });
}

// Before IR version 4 every initializer had to be an input too; that did not mean that anybody would feed it.
void make_initializers_constant(Model& model) {
  if (model.ir_version >= 4) return;
  const std::vector<Value*> inputs = model.graph->inputs();
  for (Value* input : inputs)
    if (input->initializer()) model.graph->remove_input(input);
}

}  // namespace

void bring_to_newest(Model& model, const ops::Registry& operators) {
  // A model that names no version has no operator of the standard's own domain, or is from before versions.
  const int64_t version = std::max<int64_t>(model.opset_imports.version(""), 1);
  check_defaults(*model.graph);
  make_initializers_constant(model);
  check_inlined_size(model);
  // Functions first: the graph's types are inferred through their bodies.
  for (Function& function : model.functions) {
    const int64_t own = function.opset_imports.version("");
    with_context([&] { return fmt::format("function '{}'", function.name); },
                 [&] { bring_graph(*function.body, own == 0 ? version : own, model.functions, operators); });
    function.opset_imports.set("", kNewestOpset);
  }
  bring_graph(*model.graph, version, model.functions, operators);
  model.opset_imports.set("", kNewestOpset);
}

}  // namespace slipway
