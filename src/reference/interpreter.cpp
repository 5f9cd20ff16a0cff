#include "reference/interpreter.hpp"

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "reference/graph_run.hpp"

namespace slipway::reference {
namespace {

// Kernels count on contiguous tensors.
RuntimeValue contiguous(const RuntimeValue& value) {
  if (value.is_tensor() && !value.tensor().is_contiguous()) return value.tensor().clone();
  return value;
}

void refuse_unknown_names(const Graph& graph,
                          const std::map<std::string, RuntimeValue, std::less<>>& inputs) {
  for (const auto& [name, value] : inputs) {
    const Value* input = graph.find_value(name);
    if (input && input->is_graph_input()) continue;
    std::string known;
    for (const Value* one : graph.inputs()) known += (known.empty() ? "'" : ", '") + one->name() + "'";
    fail(ErrorCode::kInvalidArgument, "the model has no input '{}'; it has {}", name,
         known.empty() ? "none" : known);
  }
}

std::vector<RuntimeValue> gather_inputs(const Graph& graph,
                                        const std::map<std::string, RuntimeValue, std::less<>>& inputs) {
  refuse_unknown_names(graph, inputs);
  std::vector<RuntimeValue> values;
  std::map<std::string, int64_t> symbols;
  for (const Value* input : graph.inputs()) {
    const auto given = inputs.find(input->name());
    if (given != inputs.end()) {
      check_input(*input, given->second, symbols);
      values.push_back(contiguous(given->second));
    } else if (const Tensor* otherwise = input->initializer()) {
      values.push_back(*otherwise);
    } else {
      fail(ErrorCode::kInvalidArgument, "input '{}' ({}) is missing", input->name(),
           input->type().to_string());
    }
  }
  return values;
}

}  // namespace

std::vector<RuntimeValue> run(const Model& model,
                              const std::map<std::string, RuntimeValue, std::less<>>& inputs,
                              const ops::Registry& registry, const InterpreterOptions& options) {
  const std::vector<RuntimeValue> values = gather_inputs(*model.graph, inputs);
  const WorkScope work(options.cancellation);
  return GraphRun(registry, model.functions, options).run(*model.graph, values);
}

std::vector<RuntimeValue> run_node(const Node& node, const std::vector<RuntimeValue>& inputs,
                                   const ops::Registry& registry) {
  const InterpreterOptions options;
  return GraphRun(registry, {}, options).run_node(node, inputs);
}

std::vector<RuntimeValue> run_body(const Graph& body, std::span<const RuntimeValue> inputs,
                                   const CapturedValues& captured, const ops::Registry& registry,
                                   const Cancellation& cancellation) {
  InterpreterOptions options;
  options.cancellation = cancellation;
  const WorkScope work(cancellation);
  return GraphRun(registry, {}, options, &captured).run(body, inputs);
}

}  // namespace slipway::reference
