// Memory for the outputs of a context's runs. What a caller lets go serves a later run: fresh pages of a
// large output cost more than computing it. Safe to use from several threads; outputs may outlive the pool.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "tensor/tensor.hpp"

namespace slipway::engine {

class OutputPool {
 public:
  OutputPool();

  // A run begins, whose outputs will need so many bytes in all: as much is kept from now on, no more.
  void begin_run(size_t bytes);
  // Uninitialised memory of this size, aligned to 64 bytes. Throws kOutOfMemory.
  std::shared_ptr<Buffer> take(size_t size);

 private:
  struct Idle {
    std::mutex mutex;
    std::list<std::shared_ptr<Buffer>> buffers;  // the one that came back last stands first
    size_t bytes = 0;
    size_t limit = 0;

    void shrink();
  };
  std::shared_ptr<Idle> idle_;
};

}  // namespace slipway::engine
