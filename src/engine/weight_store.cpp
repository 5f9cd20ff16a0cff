#include "engine/weight_store.hpp"

namespace slipway::engine {

std::shared_ptr<const Buffer> WeightStore::get(const void* constant, const std::string& packing, size_t count,
                                               const std::function<void(float*)>& fill) {
  std::lock_guard lock(mutex_);
  auto& entry = packed_[{constant, packing}];
  if (!entry) {
    auto buffer = Buffer::allocate(count * sizeof(float));
    fill(static_cast<float*>(buffer->data()));
    entry = std::move(buffer);
  }
  return entry;
}

size_t WeightStore::bytes() const {
  std::lock_guard lock(mutex_);
  size_t total = 0;
  for (const auto& [key, buffer] : packed_) total += buffer->size();
  return total;
}

}  // namespace slipway::engine
