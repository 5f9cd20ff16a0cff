// What models share: the operators, and threads. There may be several; nothing of the engine is a process
// global.
#pragma once

#include <memory>

#include "base/thread_pool.hpp"
#include "ops/registry.hpp"

namespace slipway::engine {

class Environment {
 public:
  // `threads` ≤ 0: as many as the machine has processors that this process may use.
  explicit Environment(int threads = 0);

  ThreadPool& pool() const { return *pool_; }
  const ops::Registry& operators() const { return ops::standard_operators(); }

 private:
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace slipway::engine
