#include "engine/plan.hpp"

#include <fmt/format.h>

#include "engine/plan_builder.hpp"

namespace slipway::engine {

std::shared_ptr<const Plan> Plan::make(const Model& model, WeightStore& weights,
                                       const ops::InferenceOptions& options) {
  return PlanBuilder(model, weights, options).build();
}

std::string Plan::describe_memory() const {
  const Step* largest = nullptr;
  const Slot* value = nullptr;
  for (const Step& step : steps_) {
    for (size_t index : step.outputs) {
      const Slot* slot = index == kNoSlot ? nullptr : &slots_[index];
      if (!slot || slot->type == DataType::kUndefined) continue;
      if (value && element_count(slot->dims) <= element_count(value->dims)) continue;
      largest = &step;
      value = slot;
    }
  }
  if (!value) return "the memory of a run";
  return fmt::format("the memory of a run, whose largest value is the {}{} of {}", name_of(value->type),
                     to_string(value->dims), largest->node->describe());
}

}  // namespace slipway::engine
