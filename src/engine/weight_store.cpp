#include "engine/weight_store.hpp"

#include <algorithm>

namespace slipway::engine {

bool WeightStore::Entry::is_alive() const {
  return std::none_of(constants.begin(), constants.end(), [](const auto& one) { return one.expired(); });
}

std::shared_ptr<const Buffer> WeightStore::get(const std::vector<const Tensor*>& constants,
                                               const std::string& packing, size_t count,
                                               const std::function<void(float*)>& fill) {
  Key key{{}, packing + " of " + std::to_string(count)};
  // Views of one buffer begin at one address.
  for (const Tensor* constant : constants) {
    key.first.push_back(constant ? constant->raw() : nullptr);
    key.second += constant ? ", " + constant->describe() : ", none";
  }
  std::lock_guard lock(mutex_);
  if (const auto found = packed_.find(key); found != packed_.end() && found->second.is_alive())
    return found->second.packed;
  std::erase_if(packed_, [](const auto& entry) { return !entry.second.is_alive(); });
  Entry entry;
  for (const Tensor* constant : constants)
    if (constant) entry.constants.push_back(constant->buffer());
  auto buffer = Buffer::allocate(count * sizeof(float));
  fill(static_cast<float*>(buffer->data()));
  entry.packed = std::move(buffer);
  return packed_.emplace(std::move(key), std::move(entry)).first->second.packed;
}

void WeightStore::forget_unused() {
  std::lock_guard lock(mutex_);
  std::erase_if(packed_, [](const auto& entry) { return entry.second.packed.use_count() == 1; });
}

size_t WeightStore::bytes() const {
  std::lock_guard lock(mutex_);
  size_t total = 0;
  for (const auto& [key, entry] : packed_) total += entry.packed->size();
  return total;
}

}  // namespace slipway::engine
