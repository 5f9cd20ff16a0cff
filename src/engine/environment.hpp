// What models share: the operators, and threads. There may be several; nothing of the engine is a process
// global.
#pragma once

#include <memory>

#include "base/memory_account.hpp"
#include "base/thread_pool.hpp"
#include "ops/registry.hpp"

namespace slipway::engine {

class Environment {
 public:
  // `threads` ≤ 0: as many as the machine has processors that this process may use. `operators`: those of the
  // standard and of libraries (custom::load_operators), which stay loaded as long as the environment lives;
  // nullptr: the standard's alone. `memory`: what the models of this environment may take together, for
  // loading and running; nullptr: what the machine has.
  explicit Environment(int threads = 0, std::shared_ptr<const ops::Registry> operators = nullptr,
                       std::shared_ptr<MemoryAccount> memory = nullptr);

  ThreadPool& pool() const { return *pool_; }
  const ops::Registry& operators() const { return operators_ ? *operators_ : ops::standard_operators(); }
  const std::shared_ptr<MemoryAccount>& memory() const { return memory_; }

 private:
  std::unique_ptr<ThreadPool> pool_;
  std::shared_ptr<const ops::Registry> operators_;
  std::shared_ptr<MemoryAccount> memory_;
};

}  // namespace slipway::engine
