// The plans of a model, by the shapes of its inputs, and by the values of those that decide shapes. The least
// recently used goes first.
//
// Sizes that are never the same twice (a cache that grows by a token a run) must not cost a plan each: when
// most runs miss, what differs between them is left open, and one plan serves all. Nodes that depend on such
// a size get their kernels as they run; the others are planned as ever.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/weight_store.hpp"
#include "ops/infer_types.hpp"
#include "tensor/runtime_value.hpp"

namespace slipway::engine {

class Model;
class Plan;

class PlanCache {
 public:
  // In the order of the graph's inputs. Throws what making a plan throws. Thread-safe.
  std::shared_ptr<const Plan> plan_for(const Model& model, std::span<const RuntimeValue> inputs);
  // Drops all plans, and the packed weights that only they use. Thread-safe.
  void forget();

 private:
  // What is known of one input when a plan is made.
  struct Input {
    DataType type = DataType::kUndefined;  // of a tensor
    bool is_sequence = false;
    Shape shape;   // open axes are not known
    Tensor value;  // where it may decide shapes
  };
  using Inputs = std::vector<Input>;

  Inputs describe(const Model& model, std::span<const RuntimeValue> inputs);
  std::shared_ptr<const Plan> find(const std::string& key);
  std::shared_ptr<const Plan> keep(std::string key, std::shared_ptr<const Plan> plan, size_t most);
  std::shared_ptr<const Plan> make_open(const Model& model, const Inputs& inputs);
  static std::string key_of(const Inputs& inputs);
  static ops::InferenceOptions options_for(const Model& model, const Inputs& inputs);

  std::mutex mutex_;
  WeightStore weights_;
  std::list<std::pair<std::string, std::shared_ptr<const Plan>>> plans_;  // most recently used first
  // Do values of small inputs decide shapes? Known after the first plan.
  std::optional<bool> values_matter_;
  std::deque<Inputs> missed_;                 // the last ones without a plan of their own
  int misses_ = 0;                            // two for each, less one for each run that had a plan
  std::vector<std::vector<bool>> open_axes_;  // of each input
  std::vector<bool> open_values_;
  bool may_open_ = true;
};

}  // namespace slipway::engine
