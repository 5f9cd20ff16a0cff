// A model made ready for the engine: brought to the newest opset, simplified and lowered. Immutable; any
// number of contexts in any threads share one.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/environment.hpp"
#include "graph/model.hpp"
#include "tensor/runtime_value.hpp"

namespace slipway::engine {

class Plan;
class PlanCache;

struct ModelOptions {
  // Passes and fused kernels on or off; off runs each node by itself, which is what a comparison wants.
  bool optimize = true;
  // How many plans, one per set of input shapes, are kept; the least recently used goes first.
  size_t plan_cache_size = 8;
};

class Model {
 public:
  // Takes the graph, which must be at the newest opset and valid. Throws kUnsupported listing every node that
  // the environment has no operator for. The environment must outlive the model.
  static std::shared_ptr<const Model> make(std::unique_ptr<slipway::Model> model, Environment& environment,
                                           const ModelOptions& options = {});
  ~Model();

  const slipway::Model& definition() const { return *definition_; }
  const Graph& graph() const { return *definition_->graph; }
  Environment& environment() const { return *environment_; }
  const ModelOptions& options() const { return options_; }

  // The plan for these inputs (in the order of the graph's), from the cache or new. Throws kInvalidArgument
  // naming the input when it does not fit the model.
  std::shared_ptr<const Plan> plan_for(std::span<const RuntimeValue> inputs) const;
  // Frees the plans and packed weights that no context uses; they are made again when they are needed.
  void forget_plans() const;

 private:
  Model() = default;

  std::unique_ptr<slipway::Model> definition_;
  Environment* environment_ = nullptr;
  ModelOptions options_;
  std::unique_ptr<PlanCache> plans_;
};

}  // namespace slipway::engine
