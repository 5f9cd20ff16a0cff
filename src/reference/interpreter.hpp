// Runs a graph by reference kernels, one node after the other; memory of a value is freed after its last use.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/cancellation.hpp"
#include "graph/model.hpp"
#include "ops/registry.hpp"
#include "tensor/runtime_value.hpp"

namespace slipway::reference {

struct InterpreterOptions {
  // Called with every value as it is made, before its last use frees it.
  std::function<void(const Value&, const RuntimeValue&)> observe;
  // Looked at before every node, and where kernels tell of their work (base/work_scope.hpp).
  Cancellation cancellation;
};

// The outputs in the graph's order. `inputs` by name; an input with an initializer may be left out. Throws
// kInvalidArgument naming a missing, unknown or mistyped input; errors of a kernel carry its node. The model
// must be valid and at the newest opset.
// Thread-safe: nothing is shared between calls.
std::vector<RuntimeValue> run(const Model& model,
                              const std::map<std::string, RuntimeValue, std::less<>>& inputs,
                              const ops::Registry& registry, const InterpreterOptions& options = {});

// One node alone: values of its inputs (absent ones empty) to values of its outputs. What constant folding
// uses. Bodies of control flow may capture constants alone.
std::vector<RuntimeValue> run_node(const Node& node, const std::vector<RuntimeValue>& inputs,
                                   const ops::Registry& registry);

// A body of a node alone: values of its inputs, and of what it reads from the graphs around it, to values of
// its outputs.
using CapturedValues = std::unordered_map<const Value*, RuntimeValue>;
std::vector<RuntimeValue> run_body(const Graph& body, std::span<const RuntimeValue> inputs,
                                   const CapturedValues& captured, const ops::Registry& registry,
                                   const Cancellation& cancellation);

// Throws kInvalidArgument when a value given for a model input does not fit the declared type; the message
// names the input, the axis, what came and what was expected. Symbols that occur twice must agree: `symbols`
// collects them.
void check_input(const Value& input, const RuntimeValue& value, std::map<std::string, int64_t>& symbols);

}  // namespace slipway::reference
