#include "engine/buffer_pool.hpp"

#include <algorithm>
#include <bit>

#include "base/error.hpp"

namespace slipway::engine {
namespace {

// Eight sizes for each power of two, so that a value that grows from run to run finds what it left.
size_t rounded(size_t size) {
  const size_t step = std::max<size_t>(64, std::bit_floor(size) / 8);
  const size_t up = (size + step - 1) / step * step;
  return up < size ? size : up;  // beyond all memory: the allocation fails
}

}  // namespace

BufferPool::BufferPool() : shared_(std::make_shared<Shared>()) {}

void BufferPool::Shared::shrink() {
  while (idle_bytes > peak_bytes) {
    idle_bytes -= idle.back()->size();
    idle.pop_back();
  }
}

void BufferPool::begin_run() {
  std::lock_guard lock(shared_->mutex);
  shared_->shrink();
  shared_->peak_bytes = shared_->used_bytes;
}

// What is idle must not fail what is needed.
std::shared_ptr<Buffer> BufferPool::allocate(size_t size) {
  try {
    return Buffer::allocate(size);
  } catch (const Error&) {
    std::lock_guard lock(shared_->mutex);
    if (shared_->idle.empty()) throw;
    shared_->idle.clear();
    shared_->idle_bytes = 0;
  }
  return Buffer::allocate(size);
}

std::shared_ptr<Buffer> BufferPool::take(size_t wanted) {
  const size_t size = rounded(wanted);
  std::shared_ptr<Buffer> memory;
  {
    std::lock_guard lock(shared_->mutex);
    const auto found = std::find_if(shared_->idle.begin(), shared_->idle.end(),
                                    [&](const auto& buffer) { return buffer->size() == size; });
    if (found != shared_->idle.end()) {
      memory = std::move(*found);
      shared_->idle_bytes -= size;
      shared_->idle.erase(found);
    }
  }
  if (!memory) memory = allocate(size);
  {
    std::lock_guard lock(shared_->mutex);
    shared_->used_bytes += size;
    shared_->peak_bytes = std::max(shared_->peak_bytes, shared_->used_bytes);
  }
  void* data = memory->data();
  return std::make_shared<Buffer>(data, size, Device{}, [shared = shared_, memory](void*) mutable {
    std::lock_guard lock(shared->mutex);
    shared->used_bytes -= memory->size();
    shared->idle_bytes += memory->size();
    shared->idle.push_front(std::move(memory));
    shared->shrink();
  });
}

}  // namespace slipway::engine
