// A model on a backend with inputs, opened: any of its values can be seen, and any of its nodes run alone.
// Nodes run by the kernels that they always have; but what is seen is made, so nothing is fused across it.
#pragma once

#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "backends/backend.hpp"

namespace slipway::workbench {

class OpenedModel {
 public:
  // A copy of the model in which calls of functions are their bodies and nodes that state constants are
  // initializers; other nodes and all names stay. It must be valid. `inputs` in the graph's order, empty for
  // defaults. Throws what inlining functions throws.
  OpenedModel(const slipway::Model& model, const backends::Backend& backend,
              const backends::CompileOptions& options, std::vector<RuntimeValue> inputs);

  const Graph& graph() const { return *model_.graph; }
  const backends::Backend& backend() const { return backend_; }
  const std::vector<RuntimeValue>& inputs() const { return inputs_; }
  const backends::CompileOptions& options() const { return options_; }

  // The inputs as an executable of the model takes them. Backends differ in which defaults they let one
  // replace.
  std::vector<RuntimeValue> inputs_for(const backends::Executable& executable) const;

  // What is known of a value's type without running; kNone where nothing is.
  const Type& type_of(const Value& value) const;

  // Runs the model as far as these values, made by nodes of its graph, need it. Throws what the backend
  // throws.
  std::vector<RuntimeValue> run(std::span<const Value* const> wanted) const;

  // The outputs of one node, for values of what it reads (reads_of); nullptr stands for a constant's own
  // value. Throws what the backend throws.
  using Lookup = std::function<const RuntimeValue*(const Value&)>;
  std::vector<RuntimeValue> run_alone(const Node& node, const Lookup& value_of) const;

 private:
  void infer_types();

  slipway::Model model_;
  const backends::Backend& backend_;
  backends::CompileOptions options_;
  std::vector<RuntimeValue> inputs_;
  std::unordered_map<const Value*, Type> types_;
};

}  // namespace slipway::workbench
