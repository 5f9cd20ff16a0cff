#include "torch/aten/convert_program.hpp"

#include <fmt/format.h>

#include <cctype>
#include <set>

#include "base/error.hpp"
#include "base/version.hpp"
#include "graph/size_conditions.hpp"
#include "torch/aten/refusals.hpp"
#include "torch/aten/scope.hpp"
#include "torch/ir/complex_pairs.hpp"
#include "torch/ir/program_sizes.hpp"
#include "torch/storage_view.hpp"

namespace slipway::torch {
namespace {

using aten::ProgramState;
using aten::Scope;
using ir::ProgramInput;
using ir::ProgramOutput;

void count_calls(const ir::Block& block, ProgramState& state) {
  for (const ir::Call& call : block.calls) {
    ++state.calls_of_module[call.origin.module_path];
    for (const ir::NamedArgument& given : call.arguments)
      if (const auto* inner = given.argument.as<std::shared_ptr<ir::Block>>()) count_calls(**inner, state);
  }
}

// Names of buffers that have new content after the program.
std::set<std::string> mutated_buffers(const ir::Program& program) {
  std::set<std::string> names;
  for (const ProgramOutput& output : program.outputs)
    if (output.kind == ProgramOutput::Kind::kBufferMutation) names.insert(output.name);
  return names;
}

Type type_of(const ir::Value& value) {
  switch (value.kind) {
    case ir::ValueKind::kTensor: {
      const ir::TensorMeta meta = ir::as_pairs(value.meta);
      return Type::tensor(meta.type, meta.sizes);
    }
    case ir::ValueKind::kInt:
      return Type::tensor(DataType::kInt64, Shape{1});
    case ir::ValueKind::kFloat:
      return Type::tensor(DataType::kDouble, Shape{});
    case ir::ValueKind::kBool:
      return Type::tensor(DataType::kBool, Shape{});
    case ir::ValueKind::kOther:
      break;
  }
  fail(ErrorCode::kUnsupported, "the input '{}' is neither a tensor nor a number", value.name);
}

void add_input(const ProgramInput& input, bool is_state, ContiguousCopies& copies, Scope& scope) {
  if (input.specialised || !input.value) return;
  Graph& graph = scope.graph();
  const std::string name = graph.unused_name(input.name.empty() ? input.value->name : input.name);
  if (input.kind == ProgramInput::Kind::kUser) {
    scope.bind(*input.value, graph.add_input(name, type_of(*input.value)));
    return;
  }
  if (!input.tensor.defined()) fail(ErrorCode::kInvalidModel, "the file has no data for '{}'", input.name);
  Value* value = graph.add_initializer(name, ir::as_pairs(copies.of(input.tensor)));
  if (is_state) graph.make_input(value);
  scope.bind(*input.value, value);
}

void add_inputs(const ir::Program& program, Scope& scope) {
  const auto mutated = mutated_buffers(program);
  ContiguousCopies copies;
  // What the user gives stands first, state behind it.
  for (const bool users : {true, false})
    for (const ProgramInput& input : program.inputs)
      if ((input.kind == ProgramInput::Kind::kUser) == users)
        add_input(input, mutated.contains(input.name), copies, scope);
}

std::string output_name(const ProgramOutput& output, size_t index) {
  if (output.kind != ProgramOutput::Kind::kUser) return output.name + ".updated";
  if (output.name.empty()) return index == 0 ? "output" : fmt::format("output_{}", index);
  return std::isdigit(static_cast<unsigned char>(output.name[0])) ? "output_" + output.name : output.name;
}

// The graph's outputs have names that the user knows; what is no tensor is no output.
void add_outputs(const ir::Program& program, Scope& scope) {
  for (size_t i = 0; i < program.block.outputs.size(); ++i) {
    const ir::Argument& output = program.block.outputs[i];
    const ProgramOutput& stated = program.outputs.at(i);
    if (output.is_none()) continue;
    Value* value = scope.add_output(output);
    if (!value) continue;
    Graph& graph = scope.graph();
    const std::string name = output_name(stated, i);
    // The user's name goes before one that a value inside has by chance.
    if (Value* holder = graph.find_value(name);
        holder && holder != value && !holder->is_graph_input() && !holder->is_graph_output())
      graph.rename(holder, graph.unused_name(name + "_inside"));
    if (value->name() != name) graph.rename(value, graph.unused_name(name));
  }
}

// A value inside of a node has another name than all values around it: ONNX allows no shadows.
void rename_shadows(Graph& graph) {
  for (const Node* node = graph.first_node(); node; node = node->next())
    for_each_subgraph(*node, [&](Graph& inner) {
      for (Value* value = inner.first_value(); value; value = Graph::next_value(value))
        if (graph.resolve_value(value->name())) inner.rename(value, inner.unused_name(value->name()));
      rename_shadows(inner);
    });
}

}  // namespace

Model convert_program(const ir::Program& program, const ConversionOptions& options) {
  Model model;
  model.producer_name = "slipway";
  model.producer_version = version();
  model.opset_imports.set("", kNewestOpset);
  model.graph->set_name(options.name);
  ProgramState state;
  state.custom_operators = options.custom_operators;
  count_calls(program.block, state);
  Scope scope(state, *model.graph, nullptr);
  add_inputs(program, scope);
  scope.convert(program.block);
  if (!state.refusals.empty()) aten::throw_refusals(state.refusals);
  add_outputs(program, scope);
  rename_shadows(*model.graph);
  set_size_conditions(model, ir::conditions_on_sizes(program));
  for (const auto& [target, name] : options.custom_operators)
    model.opset_imports.set(name.substr(0, name.find(':')), 1);
  return model;
}

}  // namespace slipway::torch
