// Memory for values whose size is known only on the way. What is let go serves the next that asks for about
// as much: fresh pages cost more than most operators do with them. Safe to use from several threads; buffers
// may outlive the pool.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "tensor/tensor.hpp"

namespace slipway::engine {

class BufferPool {
 public:
  BufferPool();

  // A run begins: as much as it has in use at its peak is kept idle, no more.
  void begin_run();
  // Uninitialised memory of at least this size, up to an eighth more, aligned to 64 bytes. Throws
  // kOutOfMemory.
  std::shared_ptr<Buffer> take(size_t size);

 private:
  struct Shared {
    std::mutex mutex;
    std::list<std::shared_ptr<Buffer>> idle;  // the one that came back last stands first
    size_t idle_bytes = 0;
    size_t used_bytes = 0;
    size_t peak_bytes = 0;

    void shrink();
  };
  std::shared_ptr<Buffer> allocate(size_t size);

  std::shared_ptr<Shared> shared_;
};

}  // namespace slipway::engine
