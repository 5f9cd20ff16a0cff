// A model in Slipway's own engine.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "backends/backend.hpp"
#include "engine/context.hpp"
#include "engine/environment.hpp"
#include "engine/model.hpp"

namespace slipway::backends {

class NativeExecutable : public Executable {
 public:
  NativeExecutable(const slipway::Model& model, const CompileOptions& options);

  std::vector<RuntimeValue> run(std::span<const RuntimeValue> inputs,
                                const Cancellation& cancellation) override;

 private:
  std::vector<RuntimeValue> run_once(std::span<const RuntimeValue> inputs, const Cancellation& cancellation);
  std::unique_ptr<engine::Context> take_context();
  // Frees what is kept only to make later runs faster.
  void forget_earlier_runs();

  engine::Environment environment_;
  std::shared_ptr<const engine::Model> model_;
  // Contexts that no run is using: as many as there were runs at once.
  std::mutex mutex_;
  std::vector<std::unique_ptr<engine::Context>> idle_;
};

}  // namespace slipway::backends
