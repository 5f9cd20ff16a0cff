// Blocks that run when a truth says so, or again and again. What a block is given from outside the graphs of
// If, Loop and Scan read where it is; only what changes from one step to the next goes through them.
#include <algorithm>

#include "base/error.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/scope.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// Arguments of these operators have no names.
const ir::Argument& argument_at(const Conversion& c, size_t place) {
  const auto& arguments = c.call().arguments;
  if (place >= arguments.size()) fail(ErrorCode::kInvalidModel, "its argument {} is missing", place);
  return arguments[place].argument;
}

const ir::Block& block_at(const Conversion& c, size_t place) {
  const auto* block = argument_at(c, place).as<std::shared_ptr<ir::Block>>();
  if (!block || !*block) fail(ErrorCode::kInvalidModel, "its argument {} is no block", place);
  return **block;
}

// The tensors and numbers of a list that may be absent.
std::vector<Value*> operands_at(Conversion& c, size_t place) {
  std::vector<Value*> values;
  if (place >= c.call().arguments.size()) return values;
  const ir::Argument& argument = argument_at(c, place);
  const auto add = [&](const ir::Argument& operand) {
    Value* value = c.scope().value(operand);
    if (!value) c.refuse("one of its operands is neither a tensor nor a number");
    values.push_back(value);
  };
  if (const auto* tensors = argument.as<ir::Tensors>()) {
    for (ir::Value* tensor : *tensors) add(tensor ? ir::Argument{tensor} : ir::Argument{});
  } else if (const auto* numbers = argument.as<std::vector<ir::Int>>()) {
    for (const ir::Int& number : *numbers) add({number});
  } else if (const auto* list = argument.as<ir::List>()) {
    for (const ir::Argument& operand : *list) add(operand);
  } else if (!argument.is_none()) {
    fail(ErrorCode::kInvalidModel, "its argument {} is no list", place);
  }
  return values;
}

void require_inputs(const ir::Block& block, size_t count) {
  if (block.inputs.size() != count)
    fail(ErrorCode::kInvalidModel, "a block takes {} values and is given {}", block.inputs.size(), count);
}

void append(std::vector<Value*>& values, const std::vector<Value*>& more) {
  values.insert(values.end(), more.begin(), more.end());
}

// The input of a loop's graph for one of a block's, in the form in which such values are held.
Value* graph_input(Graph& graph, const ir::Value& of) {
  Type type = Type::tensor(DataType::kInt64, Shape{1});
  if (of.kind == ir::ValueKind::kTensor) type = Type::tensor(of.meta.type, of.meta.sizes);
  if (of.kind == ir::ValueKind::kFloat) type = Type::tensor(DataType::kDouble, Shape{});
  if (of.kind == ir::ValueKind::kBool) type = Type::tensor(DataType::kBool, Shape{});
  return graph.add_input(graph.unused_name(of.name), std::move(type));
}

// What a block makes of `inputs` in the graph of `outer`.
std::vector<Value*> inlined(Scope& outer, const ir::Block& block, const std::vector<Value*>& inputs) {
  require_inputs(block, inputs.size());
  Scope scope(outer.program(), outer.graph(), &outer);
  for (size_t i = 0; i < inputs.size(); ++i) scope.bind(*block.inputs[i], inputs[i]);
  scope.convert(block);
  std::vector<Value*> outputs;
  for (const ir::Argument& output : block.outputs) {
    Value* value = scope.value(output);
    if (!value) fail(ErrorCode::kUnsupported, "one of a block's results is neither a tensor nor a number");
    outputs.push_back(value);
  }
  return outputs;
}

// What a block says of whether to go on, of rank 0.
Value* goes_on(Scope& scope, const ir::Block& condition, const std::vector<Value*>& inputs) {
  const auto outputs = inlined(scope, condition, inputs);
  if (outputs.size() != 1) fail(ErrorCode::kInvalidModel, "a condition has {} results", outputs.size());
  const auto* tensor = condition.outputs[0].as<ir::Value*>();
  if (!tensor || (*tensor)->meta.sizes.empty()) return outputs[0];
  return scope.graph().add_node("Squeeze", {outputs[0]})->output(0);
}

void state_results(Conversion& c, const std::vector<Value*>& outputs) {
  for (size_t i = 0; i < c.call().outputs.size() && i < outputs.size(); ++i) c.result(i, outputs[i]);
}

}  // namespace

// cond(predicate, then, else, operands)
void convert_cond(Conversion& c) {
  Value* predicate = c.scope().value(argument_at(c, 0));
  if (!predicate) c.refuse("its predicate is no truth");
  if (const auto* tensor = argument_at(c, 0).as<ir::Value*>(); tensor && !(*tensor)->meta.sizes.empty())
    predicate = c.emit("Squeeze", {predicate});
  const auto operands = operands_at(c, 3);
  const size_t results = c.call().outputs.size();
  const auto branch = [&](size_t place) {
    const ir::Block& block = block_at(c, place);
    require_inputs(block, operands.size());
    auto graph = c.subgraph(block, operands);
    if (graph->outputs().size() != results) c.refuse("one of its results is neither a tensor nor a number");
    return graph;
  };
  auto then_branch = branch(1), else_branch = branch(2);
  const auto outputs = c.emit_several("If", {predicate}, results);
  outputs.at(0)->producer()->set_attribute("then_branch", std::move(then_branch));
  outputs.at(0)->producer()->set_attribute("else_branch", std::move(else_branch));
  state_results(c, outputs);
}

// while_loop(condition, body, carried, others)
void convert_while_loop(Conversion& c) {
  const ir::Block &condition = block_at(c, 0), &body = block_at(c, 1);
  const auto carried = operands_at(c, 2), others = operands_at(c, 3);
  std::vector<Value*> all = carried;
  append(all, others);
  require_inputs(body, all.size());
  Value* begins = goes_on(c.scope(), condition, all);

  auto graph = std::make_unique<Graph>("body");
  graph->add_input("iteration", Type::tensor(DataType::kInt64, Shape{}));
  graph->add_input("goes_on", Type::tensor(DataType::kBool, Shape{}));
  Scope scope(c.scope().program(), *graph, &c.scope());
  std::vector<Value*> inputs;
  for (size_t i = 0; i < carried.size(); ++i) inputs.push_back(graph_input(*graph, *body.inputs[i]));
  append(inputs, others);
  std::vector<Value*> next = inlined(scope, body, inputs);
  if (next.size() != carried.size())
    fail(ErrorCode::kInvalidModel, "its body makes {} values of {}", next.size(), carried.size());
  std::vector<Value*> tested = next;
  append(tested, others);
  scope.add_output(goes_on(scope, condition, tested));
  for (Value* value : next) scope.add_output(value);

  std::vector<Value*> loop_inputs = {nullptr, begins};
  append(loop_inputs, carried);
  const auto outputs = c.emit_several("Loop", loop_inputs, carried.size());
  outputs.at(0)->producer()->set_attribute("body", std::move(graph));
  state_results(c, outputs);
}

namespace {

// Scan over the first axis of `scanned`, with `states` from step to step.
std::vector<Value*> scan(Conversion& c, const ir::Block& body, const std::vector<Value*>& states,
                         const std::vector<Value*>& scanned, const std::vector<Value*>& others) {
  std::vector<Value*> inputs(states.size() + scanned.size(), nullptr);
  append(inputs, others);
  require_inputs(body, inputs.size());
  auto graph = c.subgraph(body, inputs);
  if (graph->outputs().size() != body.outputs.size())
    c.refuse("one of its body's results is neither a tensor nor a number");
  std::vector<Value*> given = states;
  append(given, scanned);
  const auto outputs =
      c.emit_several("Scan", given, body.outputs.size(), {{"num_scan_inputs", scanned.size()}});
  outputs.at(0)->producer()->set_attribute("body", std::move(graph));
  return outputs;
}

}  // namespace

// map_impl(body, mapped, others)
void convert_map(Conversion& c) {
  state_results(c, scan(c, block_at(c, 0), {}, operands_at(c, 1), operands_at(c, 2)));
}

// scan(body, states, scanned, others)
void convert_scan(Conversion& c) {
  state_results(c, scan(c, block_at(c, 0), operands_at(c, 1), operands_at(c, 2), operands_at(c, 3)));
}

}  // namespace slipway::torch::aten
