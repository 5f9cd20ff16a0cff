#include "workbench/compare/opened_model.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "graph/graph_cloner.hpp"
#include "graph/inline_functions.hpp"
#include "onnx/opset/bring_to_newest.hpp"
#include "ops/infer_types.hpp"
#include "passes/make_runnable.hpp"
#include "passes/passes.hpp"
#include "reference/interpreter.hpp"
#include "workbench/compare/reads.hpp"

namespace slipway::workbench {
namespace {

Type type_of_value(const RuntimeValue& value) {
  if (value.is_tensor()) {
    const Dims& dims = value.tensor().dims();
    return Type::tensor(value.tensor().type(), Shape(dims.begin(), dims.end()));
  }
  if (value.is_map())
    return Type::map(value.map().keys.type(), Type::tensor(value.map().values.type(), Shape{}));
  if (value.is_sequence() && !value.sequence().empty()) {
    const RuntimeValue& first = value.sequence()[0];
    return Type::sequence(first.is_tensor() ? Type::tensor(first.tensor().type()) : type_of_value(first));
  }
  return {};
}

// Other engines want outputs to have a type; sizes are better not promised.
Type without_shape(const Type& type) {
  return type.is_tensor() ? Type::tensor(type.element_type()) : type;
}

// Functions may be written in an operator set of their own; in place, they have to be in the model's.
void put_functions_in_place(slipway::Model& model, const ops::Registry& operators) {
  if (model.functions.empty()) return;
  const bool one_opset =
      std::all_of(model.functions.begin(), model.functions.end(), [&](const auto& function) {
        const auto& imports = function.opset_imports.entries();
        return std::all_of(imports.begin(), imports.end(), [&](const auto& import) {
          return model.opset_imports.version(import.first) == import.second;
        });
      });
  if (!one_opset) bring_to_newest(model, operators);
  inline_functions(model);
}

void turn_into_initializer(Graph& graph, Node* node, const ops::Registry& operators) {
  Value* made = node->output(0);
  const RuntimeValue constant = reference::run_node(*node, {}, operators).at(0);
  const std::string name = made->name();
  graph.rename(made, graph.unused_name(name + "_node"));
  graph.replace_uses(made, graph.add_initializer(name, constant.tensor()));
  graph.erase(node);
}

void state_constants_as_initializers(Graph& graph, const ops::Registry& operators) {
  for (Node* node = graph.first_node(); node;) {
    Node* next = node->next();
    const bool constant = node->is("Constant") && node->output(0) && !node->output(0)->is_graph_output();
    if (constant) turn_into_initializer(graph, node, operators);
    node = next;
  }
}

}  // namespace

OpenedModel::OpenedModel(const slipway::Model& model, const backends::Backend& backend,
                         const backends::CompileOptions& options, std::vector<RuntimeValue> inputs)
    : model_(clone(model)), backend_(backend), options_(options), inputs_(std::move(inputs)) {
  put_functions_in_place(model_, options_.known_operators());
  state_constants_as_initializers(*model_.graph, options_.known_operators());
  infer_types();
}

void OpenedModel::infer_types() {
  for (Value* value = graph().first_value(); value; value = Graph::next_value(value))
    types_[value] = value->type();
  ops::InferenceOptions known;
  for (size_t i = 0; i < inputs_.size(); ++i)
    if (inputs_[i].is_tensor()) known.input_types[graph().inputs()[i]->name()] = type_of_value(inputs_[i]);
  try {
    slipway::Model newest = clone(model_);
    passes::make_runnable(newest, options_.known_operators());
    const auto inferred = ops::infer_types_for(*newest.graph, options_.known_operators(), known);
    for (auto& [value, type] : types_)
      if (const Value* same = newest.graph->find_value(value->name())) type = inferred.type(same);
  } catch (const Error&) {
    // A model that contradicts itself fails when it runs, with a message; here its types just stay unknown.
  }
}

const Type& OpenedModel::type_of(const Value& value) const {
  static const Type none;
  const auto found = types_.find(&value);
  return found == types_.end() ? none : found->second;
}

std::vector<RuntimeValue> OpenedModel::run(std::span<const Value* const> wanted) const {
  auto part = std::make_shared<slipway::Model>(clone(model_));
  Graph& graph = *part->graph;
  while (!graph.outputs().empty()) graph.remove_output(graph.outputs().size() - 1);
  for (const Value* value : wanted) {
    Value* same = graph.find_value(value->name());
    if (!same->is_graph_output()) same->set_type(without_shape(type_of(*value)));
    graph.add_output(same);
  }
  passes::PassContext context{options_.known_operators()};
  passes::eliminate_dead_nodes(graph, context);
  const auto executable = backend_.compile({"", part}, options_);
  return executable->run(inputs_for(*executable));
}

std::vector<RuntimeValue> OpenedModel::inputs_for(const backends::Executable& executable) const {
  const auto& known = graph().inputs();
  std::vector<RuntimeValue> inputs;
  for (const backends::Port& port : executable.inputs()) {
    const auto same = std::find_if(known.begin(), known.end(),
                                   [&](const Value* input) { return input->name() == port.name; });
    inputs.push_back(same == known.end() ? RuntimeValue()
                                         : inputs_[static_cast<size_t>(same - known.begin())]);
  }
  return inputs;
}

std::vector<RuntimeValue> OpenedModel::run_alone(const Node& node, const Lookup& value_of) const {
  auto alone = std::make_shared<slipway::Model>();
  alone->ir_version = model_.ir_version;
  alone->opset_imports = model_.opset_imports;
  Graph& graph = *alone->graph;
  GraphCloner cloner;
  std::vector<RuntimeValue> inputs;
  for (Value* read : reads_of(node)) {
    if (const RuntimeValue* value = value_of(*read)) {
      const Type type = value->has_value() ? type_of_value(*value) : type_of(*read);
      cloner.substitute(read, graph.add_input(read->name(), type));
      inputs.push_back(*value);
    } else if (const Tensor* constant = read->initializer()) {
      cloner.substitute(read, graph.add_initializer(read->name(), *constant));
    } else {
      fail(ErrorCode::kInternal, "'{}' is read by {}, but nobody has its value", read->name(),
           node.describe());
    }
  }
  const Node* copy = cloner.node(node, graph, nullptr);
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    if (!node.output(i)) continue;
    copy->output(i)->set_type(without_shape(type_of(*node.output(i))));
    graph.add_output(copy->output(i));
  }
  auto made = backend_.compile({"", alone}, options_)->run(inputs);
  std::vector<RuntimeValue> outputs(node.outputs().size());
  for (size_t i = 0, place = 0; i < outputs.size(); ++i)
    if (node.output(i)) outputs[i] = std::move(made.at(place++));
  return outputs;
}

}  // namespace slipway::workbench
