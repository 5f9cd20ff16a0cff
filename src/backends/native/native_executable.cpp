#include "backends/native/native_executable.hpp"

#include "base/error.hpp"
#include "graph/size_conditions.hpp"
#include "passes/make_runnable.hpp"

namespace slipway::backends {
namespace {

std::shared_ptr<const engine::Model> make_model(const slipway::Model& model, engine::Environment& environment,
                                                bool optimize) {
  const MemoryScope scope(environment.memory());
  auto newest = std::make_unique<slipway::Model>(clone(model));
  passes::make_runnable(*newest, environment.operators());
  engine::ModelOptions options;
  options.optimize = optimize;
  return engine::Model::make(std::move(newest), environment, options);
}

}  // namespace

NativeExecutable::NativeExecutable(const slipway::Model& model, const CompileOptions& options)
    : environment_(options.threads, options.operators, options.memory),
      model_(make_model(model, environment_, options.optimize)) {
  memory_ = options.memory;
  size_conditions_ = size_conditions(model);
  inputs_ = input_ports(model_->graph());
  outputs_ = output_ports(model_->graph());
}

std::unique_ptr<engine::Context> NativeExecutable::take_context() {
  std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<engine::Context>(model_);
  auto context = std::move(idle_.back());
  idle_.pop_back();
  return context;
}

std::vector<RuntimeValue> NativeExecutable::run(std::span<const RuntimeValue> inputs,
                                                const Cancellation& cancellation) {
  check_inputs(inputs_, size_conditions_, inputs);
  const MemoryAccount* memory = memory_.get();
  const size_t before = memory ? memory->used() : 0;
  try {
    return run_once(inputs, cancellation);
  } catch (const Error& error) {
    if (!memory || error.code() != ErrorCode::kOutOfMemory) throw;
    forget_earlier_runs();
    if (memory->used() >= before) throw;
  }
  // What earlier runs left for later ones must not fail one that the limit allows.
  return run_once(inputs, cancellation);
}

std::vector<RuntimeValue> NativeExecutable::run_once(std::span<const RuntimeValue> inputs,
                                                     const Cancellation& cancellation) {
  auto context = take_context();
  auto outputs = context->run(inputs, cancellation);
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(context));
  return outputs;
}

void NativeExecutable::forget_earlier_runs() {
  {
    std::lock_guard lock(mutex_);
    idle_.clear();
  }
  model_->forget_plans();
}

}  // namespace slipway::backends
