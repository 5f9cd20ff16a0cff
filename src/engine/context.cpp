#include "engine/context.hpp"

#include "base/error.hpp"
#include "base/out_of_memory.hpp"
#include "engine/plan.hpp"
#include "engine/program/frame.hpp"
#include "reference/interpreter.hpp"

namespace slipway::engine {
Context::Context(std::shared_ptr<const Model> model) : model_(std::move(model)) {}
Context::~Context() = default;

std::vector<RuntimeValue> Context::run(std::span<const RuntimeValue> inputs,
                                       const Cancellation& cancellation) {
  const MemoryScope scope(model_->environment().memory());
  const Graph& graph = model_->graph();
  if (inputs.size() != graph.inputs().size())
    fail(ErrorCode::kInvalidArgument, "{} inputs were given, but the model has {}", inputs.size(),
         graph.inputs().size());
  std::vector<RuntimeValue> values(inputs.begin(), inputs.end());
  std::map<std::string, int64_t> symbols;
  for (size_t i = 0; i < values.size(); ++i) {
    const Value& input = *graph.inputs()[i];
    if (!values[i].has_value() && input.initializer()) values[i] = *input.initializer();
    reference::check_input(input, values[i], symbols);
    if (values[i].is_tensor() && !values[i].tensor().is_contiguous()) values[i] = values[i].tensor().clone();
  }
  return frame_for(model_->plan_for(values)).run(values, cancellation);
}

// The frame of the last run serves again where the plan is the same.
Frame& Context::frame_for(const std::shared_ptr<const Plan>& plan) {
  if (frame_ && frame_->plan().get() == plan.get()) return *frame_;
  frame_.reset();
  // Under a limit nothing is kept that the plan does not need.
  const bool is_limited = model_->environment().memory() != nullptr;
  if (is_limited) outputs_.begin_run(0);
  if (is_limited && arena_ && arena_->size() != plan->arena_bytes()) arena_.reset();
  with_context([&] { return plan->describe_memory(); },
               [&] {
                 if (!arena_ || arena_->size() < plan->arena_bytes()) {
                   arena_.reset();
                   arena_ = Buffer::allocate(plan->arena_bytes());
                 }
                 frame_ = std::make_unique<Frame>(plan, arena_, outputs_, model_->environment());
               });
  return *frame_;
}

}  // namespace slipway::engine
