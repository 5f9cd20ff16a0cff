// Runs a model: holds the memory that a run needs and keeps it from run to run. One run at a time per
// context; make one context per thread that runs.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/cancellation.hpp"
#include "engine/model.hpp"
#include "engine/output_pool.hpp"
#include "tensor/runtime_value.hpp"

namespace slipway::engine {

class Frame;
class Plan;

class Context {
 public:
  explicit Context(std::shared_ptr<const Model> model);
  ~Context();

  // Inputs and outputs in the order of the model's graph. An empty value stands for an input that has a
  // default. The outputs are memory of their own that later runs do not touch. Throws kInvalidArgument,
  // kOutOfMemory, kCancelled; the context stays usable.
  std::vector<RuntimeValue> run(std::span<const RuntimeValue> inputs, const Cancellation& cancellation = {});

 private:
  Frame& frame_for(const std::shared_ptr<const Plan>& plan);

  std::shared_ptr<const Model> model_;
  std::shared_ptr<Buffer> arena_;
  OutputPool outputs_;
  std::unique_ptr<Frame> frame_;  // of the last run's plan
};

}  // namespace slipway::engine
