// Infers the types of all values of a model from its inputs' types and its constants, with symbols and with
// the values of shape arithmetic.
#pragma once

#include <map>
#include <string>

#include "graph/model.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {

struct InferenceOptions {
  // Replaces the declared types of graph inputs by name, for planning with the shapes of a call.
  std::map<std::string, Type, std::less<>> input_types;
  // Values of inputs that decide shapes (a Resize's scales), where the caller knows them.
  std::map<std::string, Tensor, std::less<>> input_values;
};

// Sets the type of every value that can be inferred; stated types are refined. Throws kInvalidModel naming
// the node where operators, shapes or types contradict each other or what the file states.
void infer_types(Model& model, const Registry& registry, const InferenceOptions& options = {});

// The same without changing the graph: types of the values, for one set of inputs. Used by plans.
class InferredTypes {
 public:
  const Type& type(const Value* value) const;
  // Values that became known (Shape → Gather → Concat chains and the like): integer tensors of at most 64
  // elements.
  const Tensor* constant(const Value* value) const;

 private:
  friend InferredTypes infer_types_for(const Graph&, const Registry&, const InferenceOptions&);
  std::unordered_map<const Value*, Type> types_;
  std::unordered_map<const Value*, Tensor> constants_;
};
InferredTypes infer_types_for(const Graph& graph, const Registry& registry, const InferenceOptions& options);

}  // namespace slipway::ops
