#include "workbench/check_conversion.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "backends/check_sizes.hpp"
#include "base/error.hpp"
#include "workbench/compare/draws.hpp"

namespace slipway::workbench {
namespace {

using backends::Backend;
using backends::CompileOptions;
using backends::ModelSource;
using backends::Port;

std::vector<RuntimeValue> in_order(const std::vector<Port>& ports, const InputValues& inputs) {
  std::vector<RuntimeValue> values;
  for (const Port& port : ports) {
    const auto found = inputs.find(port.name);
    values.push_back(found == inputs.end() ? RuntimeValue() : found->second);
  }
  return values;
}

// What the program states of its outputs, with the names in it replaced by what they are for these inputs.
std::vector<Type> stated_types(const Graph& graph, const InputValues& inputs) {
  const auto ports = backends::input_ports(graph);
  const auto sizes = backends::check_sizes(ports, {}, in_order(ports, inputs));
  std::vector<Type> types;
  for (const Value* output : graph.outputs()) {
    Type type = output->type();
    if (type.is_tensor() && type.shape()) {
      Shape shape = *type.shape();
      for (Dim& dim : shape) dim = dim.substitute(sizes);
      type = Type::tensor(type.element_type(), std::move(shape));
    }
    types.push_back(std::move(type));
  }
  return types;
}

bool is_of(const Type& type, const RuntimeValue& value) {
  if (!type.is_tensor()) return true;
  if (!value.is_tensor() || value.tensor().type() != type.element_type()) return false;
  if (!type.shape()) return true;
  const Shape& shape = *type.shape();
  if (shape.size() != value.tensor().rank()) return false;
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (shape[axis].is_known() && shape[axis].value() != value.tensor().dim(axis)) return false;
  return true;
}

Tolerance tolerance_for(const Graph& graph) {
  Tolerance tolerance;
  tolerance.relative = default_relative(DataType::kFloat);
  for (const Node* node = graph.first_node(); node; node = node->next())
    for (const Value* output : node->outputs())
      if (output && output->type().is_tensor())
        tolerance.relative = std::max(*tolerance.relative, default_relative(output->type().element_type()));
  return tolerance;
}

std::string described(const RuntimeValue& value) {
  return value.is_tensor() ? value.tensor().describe() : value.kind_name();
}

// Outputs of the program, and what is stated of them.
struct Expected {
  std::vector<RuntimeValue> values;
  std::vector<Type> types;
};

std::vector<CheckedOutput> held_against(const Expected& expected, const std::vector<Port>& ports,
                                        const std::vector<RuntimeValue>& values,
                                        const ConversionCheck& check) {
  std::vector<CheckedOutput> outputs;
  for (size_t i = 0; i < values.size(); ++i) {
    CheckedOutput output{ports[i].name, described(values[i]), "", std::nullopt};
    if (!is_of(expected.types.at(i), values[i])) output.stated = expected.types[i].to_string();
    if (!check.draws) output.deviation = measure(expected.values.at(i), values[i], check.tolerance);
    outputs.push_back(std::move(output));
  }
  return outputs;
}

CheckedEngine check_on(const Backend& backend, const ModelSource& converted, const InputValues& inputs,
                       const CompileOptions& options, const Expected& expected,
                       const ConversionCheck& check) {
  CheckedEngine result;
  result.engine = backend.name();
  result.absent = backend.unavailable_reason(options);
  if (!result.absent.empty()) return result;
  try {
    result.engine += " " + backend.version(options);
    const auto executable = backend.compile(converted, options);
    const auto values = executable->run(in_order(executable->inputs(), inputs));
    result.outputs = held_against(expected, executable->outputs(), values, check);
  } catch (const Error& error) {
    result.failure = error.what();
  }
  return result;
}

}  // namespace

bool CheckedEngine::agrees() const {
  return failure.empty() && std::ranges::all_of(outputs, [](const CheckedOutput& output) {
           return output.stated.empty() && !(output.deviation && output.deviation->exceeds);
         });
}

double CheckedEngine::largest() const {
  double largest = 0;
  for (const CheckedOutput& output : outputs)
    if (output.deviation) largest = std::max(largest, output.deviation->relative());
  return largest;
}

bool ConversionCheck::agrees() const {
  return std::ranges::all_of(engines, &CheckedEngine::agrees);
}

ConversionCheck check_conversion(const ModelSource& program, const ModelSource& converted,
                                 const InputValues& inputs, const CompileOptions& options) {
  ConversionCheck check;
  const Graph& graph = *program.model->graph;
  check.tolerance = tolerance_for(graph);
  check.draws = draws_random_numbers(graph, options.known_operators());
  CompileOptions plain = options;
  plain.optimize = false;
  const auto judge = backends::find_backend("native").compile(program, plain);
  Expected expected;
  expected.values = judge->run(in_order(judge->inputs(), inputs));
  expected.types = stated_types(graph, inputs);
  for (const Backend* backend : backends::all_backends())
    check.engines.push_back(check_on(*backend, converted, inputs, options, expected, check));
  return check;
}

}  // namespace slipway::workbench
