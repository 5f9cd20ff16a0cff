// Constants in the form that a kernel wants them, made once per model however many plans use them: the key is
// the constant (its address: constants of a model never move) and the packing's name.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "tensor/tensor.hpp"

namespace slipway::engine {

class WeightStore {
 public:
  // `count` floats made by `fill`, unless they are there already. Thread-safe.
  std::shared_ptr<const Buffer> get(const void* constant, const std::string& packing, size_t count,
                                    const std::function<void(float*)>& fill);
  // What all packed weights take.
  size_t bytes() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<const void*, std::string>, std::shared_ptr<const Buffer>> packed_;
};

inline const float* floats_of(const Buffer& buffer) {
  return static_cast<const float*>(buffer.data());
}

}  // namespace slipway::engine
