// Constants in the form that a kernel wants them, made once per model however many plans use them: the key is
// the constants that are packed together (where their elements lie, their types and shapes), the size of what
// is packed, and the packing's name, which says all else that it depends on. Constants
// that a plan has worked out go with it: what was packed of them is then forgotten, before another constant
// can lie at their address.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.hpp"

namespace slipway::engine {

class WeightStore {
 public:
  // `count` floats made by `fill`, unless they are there already. Thread-safe.
  std::shared_ptr<const Buffer> get(const Tensor& constant, const std::string& packing, size_t count,
                                    const std::function<void(float*)>& fill) {
    return get({&constant}, packing, count, fill);
  }
  // Of several constants, or nullptr for those that are absent.
  std::shared_ptr<const Buffer> get(const std::vector<const Tensor*>& constants, const std::string& packing,
                                    size_t count, const std::function<void(float*)>& fill);
  // Drops what nobody but the store holds. Thread-safe.
  void forget_unused();
  // What all packed weights take.
  size_t bytes() const;

 private:
  using Key = std::pair<std::vector<const void*>, std::string>;
  struct Entry {
    std::vector<std::weak_ptr<Buffer>> constants;
    std::shared_ptr<const Buffer> packed;

    bool is_alive() const;
  };

  mutable std::mutex mutex_;
  std::map<Key, Entry> packed_;
};

inline const float* floats_of(const Buffer& buffer) {
  return static_cast<const float*>(buffer.data());
}

}  // namespace slipway::engine
