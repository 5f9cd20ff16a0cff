// Infers the types of all values of a model from its inputs' types and its constants, with symbols and with
// the values of shape arithmetic.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph/model.hpp"
#include "ops/registry.hpp"
#include "tensor/runtime_value.hpp"

namespace slipway::ops {

struct InferenceOptions {
  // Replaces the declared types of graph inputs by name, for planning with the shapes of a call.
  std::map<std::string, Type, std::less<>> input_types;
  // Values of inputs that decide shapes (a Resize's scales), where the caller knows them.
  std::map<std::string, Tensor, std::less<>> input_values;
};

// Sets the type of every value that can be inferred, graphs inside nodes included; stated types are refined.
// What an operator that the registry does not know makes keeps its stated type. Calls of the model's
// functions are inferred through their bodies. Throws kInvalidModel naming the node where operators, shapes
// or types contradict each other or what the file states. The model must be valid and at the newest opset.
void infer_types(Model& model, const Registry& registry, const InferenceOptions& options = {});

// The same without changing the graph: types of the values, for one set of inputs. Used by plans.
class InferredTypes {
 public:
  // What is stated of the value where nothing was inferred.
  const Type& type(const Value* value) const;
  // Constants of the graph, and values that became known (Shape → Gather → Concat chains and the like):
  // tensors of at most 64 elements. nullptr for others.
  const Tensor* constant(const Value* value) const;
  // Whether sizes of it are known from what the file states alone, since they depend on values that are not
  // known yet: what comes out must be held against them.
  bool is_claimed(const Value* value) const { return claimed_.count(value) != 0; }
  // Whether inference does not know what kind of value or of elements it is, whatever the file states.
  bool is_open(const Value* value) const;

 private:
  friend class GraphInference;
  std::unordered_map<const Value*, Type> types_;
  std::unordered_map<const Value*, Tensor> constants_;
  std::unordered_set<const Value*> claimed_;
  std::unordered_set<const Value*> open_;
};
InferredTypes infer_types_for(const Graph& graph, const Registry& registry, const InferenceOptions& options);

// The node's outputs where none of them has an element and that is known for sure: they need no kernel, which
// might walk along their other axes, or make room for what it does not compute. Nothing otherwise.
std::optional<std::vector<RuntimeValue>> empty_outputs(const Node& node, const InferredTypes& types);

}  // namespace slipway::ops
