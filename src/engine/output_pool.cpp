#include "engine/output_pool.hpp"

#include <algorithm>

namespace slipway::engine {

OutputPool::OutputPool() : idle_(std::make_shared<Idle>()) {}

void OutputPool::Idle::shrink() {
  while (bytes > limit) {
    bytes -= buffers.back()->size();
    buffers.pop_back();
  }
}

void OutputPool::begin_run(size_t bytes) {
  std::lock_guard lock(idle_->mutex);
  idle_->limit = bytes;
  idle_->shrink();
}

std::shared_ptr<Buffer> OutputPool::take(size_t size) {
  std::shared_ptr<Buffer> memory;
  {
    std::lock_guard lock(idle_->mutex);
    const auto found = std::find_if(idle_->buffers.begin(), idle_->buffers.end(),
                                    [&](const auto& buffer) { return buffer->size() == size; });
    if (found != idle_->buffers.end()) {
      memory = std::move(*found);
      idle_->bytes -= size;
      idle_->buffers.erase(found);
    }
  }
  if (!memory) memory = Buffer::allocate(size);
  void* data = memory->data();
  return std::make_shared<Buffer>(data, size, Device{}, [idle = idle_, memory](void*) mutable {
    std::lock_guard lock(idle->mutex);
    idle->bytes += memory->size();
    idle->buffers.push_front(std::move(memory));
    idle->shrink();
  });
}

}  // namespace slipway::engine
