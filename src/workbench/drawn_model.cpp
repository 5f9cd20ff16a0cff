#include "workbench/drawn_model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "graph/inline_functions.hpp"
#include "onnx/opset/bring_to_newest.hpp"
#include "ops/registry.hpp"
#include "passes/make_runnable.hpp"
#include "reference/interpreter.hpp"

namespace slipway::workbench {
namespace {

bool draws_in(const Graph& graph) {
  for (const Node* node = graph.first_node(); node; node = node->next())
    if (find_draw_rule(*node)) return true;
  return false;
}

bool draws_in_bodies_of(const Graph& graph) {
  bool found = false;
  for (const Node* node = graph.first_node(); node; node = node->next())
    for_each_subgraph(*node, [&](const Graph& body) { found |= draws_in(body) || draws_in_bodies_of(body); });
  return found;
}

bool draws_in_functions_of(const slipway::Model& model) {
  return std::any_of(model.functions.begin(), model.functions.end(), [](const Function& function) {
    return draws_in(*function.body) || draws_in_bodies_of(*function.body);
  });
}

// The place of a value in a list, or the list's size.
size_t place_in(const std::vector<Value*>& values, const Value* value) {
  return static_cast<size_t>(std::find(values.begin(), values.end(), value) - values.begin());
}

Type type_of(const RuntimeValue& value) {
  const Tensor& tensor = value.tensor();
  return Type::tensor(tensor.type(), Shape(tensor.dims().begin(), tensor.dims().end()));
}

}  // namespace

std::unique_ptr<DrawnModel> DrawnModel::open(const slipway::Model& model, const backends::Backend& backend,
                                             const backends::CompileOptions& options) {
  slipway::Model opened = clone(model);
  if (draws_in_functions_of(opened)) {
    bring_to_newest(opened, options.known_operators());
    inline_functions(opened);
  }
  if (!draws_in(*opened.graph) || draws_in_bodies_of(*opened.graph)) return nullptr;
  return std::unique_ptr<DrawnModel>(new DrawnModel(std::move(opened), backend, options));
}

DrawnModel::DrawnModel(slipway::Model model, const backends::Backend& backend,
                       const backends::CompileOptions& options)
    : model_(std::make_shared<slipway::Model>(std::move(model))),
      own_outputs_(model_->graph->outputs().size()),
      backend_(backend),
      options_(options) {
  Graph& graph = *model_->graph;
  for (Node* node = graph.first_node(); node; node = node->next()) {
    const DrawRule* rule = find_draw_rule(*node);
    if (!rule || !node->output(0)) continue;
    draws_.push_back({node, rule, expose(node->output(0))});
    if (Value* input = node->input(0); input && input->producer()) expose(input);
  }
  executable_ = backend.compile({"", model_}, options);
}

size_t DrawnModel::expose(Value* value) {
  Graph& graph = *model_->graph;
  const size_t place = place_in(graph.outputs(), value);
  if (place == graph.outputs().size()) graph.add_output(value);
  return place;
}

bool DrawnModel::all_seeded() const {
  return std::all_of(draws_.begin(), draws_.end(),
                     [](const Draw& draw) { return draw.node->find_attribute("seed") != nullptr; });
}

Tensor DrawnModel::input_of(const Draw& draw, const std::vector<RuntimeValue>& inputs,
                            const std::vector<RuntimeValue>& outputs) const {
  const Value* value = draw.node->input(0);
  if (!value) return {};
  if (value->producer()) return outputs.at(place_in(model_->graph->outputs(), value)).tensor();
  const size_t place = place_in(model_->graph->inputs(), value);
  if (place < inputs.size() && inputs[place].has_value()) return inputs[place].tensor();
  return *value->initializer();
}

std::string DrawnModel::judge(const std::vector<RuntimeValue>& inputs,
                              const std::vector<RuntimeValue>& expected, const Bounds& bounds) const {
  const std::vector<RuntimeValue> outputs = executable_->run(inputs);
  if (expected.size() != own_outputs_)
    return fmt::format("{} outputs, expected were {}", own_outputs_, expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const std::string found = form_difference(outputs[i], expected[i]);
    if (!found.empty()) return fmt::format("output '{}': {}", model_->graph->outputs()[i]->name(), found);
  }
  for (const Draw& draw : draws_) {
    const std::string found =
        judge_draw(draw, input_of(draw, inputs, outputs), outputs[draw.output].tensor());
    if (!found.empty()) return fmt::format("{}: {}", draw.node->describe(), found);
  }
  if (all_seeded()) {
    // From the start: a seed may count from where a model is loaded.
    const std::vector<RuntimeValue> again = backend_.compile({"", model_}, options_)->run(inputs);
    for (size_t i = 0; i < outputs.size(); ++i)
      if (const std::string found = difference(again[i], outputs[i], {}); !found.empty())
        return fmt::format("loaded anew, with the same seeds, it gives another output: {}", found);
  }
  return judge_rest(inputs, outputs, bounds);
}

std::string DrawnModel::judge_draw(const Draw& draw, const Tensor& input, const Tensor& drawn) const {
  if (std::string found = draw.rule->check_values(*draw.node, input, drawn); !found.empty()) return found;
  // The operator alone, as it is set here.
  auto model = std::make_shared<slipway::Model>();
  model->ir_version = model_->ir_version;
  model->opset_imports = model_->opset_imports;
  Graph& graph = *model->graph;
  std::vector<Value*> node_inputs;
  if (input.defined()) node_inputs.push_back(graph.add_input("input", type_of(input)));
  Node* alone = graph.add_node(draw.node->op_type(), node_inputs, 1, draw.node->domain());
  for (const Attribute& attribute : draw.node->attributes()) alone->set_attribute(attribute.clone());
  Tensor enlarged = input;
  draw.rule->enlarge(*alone, enlarged);
  std::vector<RuntimeValue> values;
  if (input.defined()) {
    node_inputs[0]->set_type(type_of(enlarged));
    values.push_back(enlarged);
  }
  alone->output(0)->set_type(Type::tensor(drawn.type(), std::nullopt));
  graph.add_output(alone->output(0));
  const Tensor many = backend_.compile({"", model}, options_)->run(values).at(0).tensor();
  if (std::string found = draw.rule->check_values(*alone, enlarged, many); !found.empty()) return found;
  return draw.rule->check_distribution(*alone, enlarged, many);
}

std::string DrawnModel::judge_rest(const std::vector<RuntimeValue>& inputs,
                                   const std::vector<RuntimeValue>& outputs, const Bounds& bounds) const {
  slipway::Model rest = clone(*model_);
  Graph& graph = *rest.graph;
  std::map<std::string, RuntimeValue, std::less<>> values;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].has_value()) values[graph.inputs()[i]->name()] = inputs[i];
  for (const Draw& draw : draws_) {
    Value* drawn = graph.outputs()[draw.output];
    Node* node = drawn->producer();
    Value* given = graph.add_input(graph.unused_name("drawn"), type_of(outputs[draw.output]));
    values[given->name()] = outputs[draw.output];
    graph.replace_uses(drawn, given);
    graph.erase(node);
  }
  passes::make_runnable(rest, options_.known_operators());
  const auto expected = reference::run(rest, values, options_.known_operators());
  for (size_t i = 0; i < expected.size(); ++i)
    if (const std::string found = difference(outputs[i], expected[i], bounds); !found.empty())
      return fmt::format("for the numbers that were drawn, output '{}': {}",
                         model_->graph->outputs()[i]->name(), found);
  return "";
}

}  // namespace slipway::workbench
