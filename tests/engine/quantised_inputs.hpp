// What quantised operators take.
#pragma once

#include <cmath>
#include <random>

#include "engine/identical_model.hpp"

namespace slipway::engine {

constexpr DataType kBytes[] = {DataType::kUint8, DataType::kInt8};

// Positive, and small enough that not everything saturates: `size` and a little more.
inline Tensor scales(const Dims& dims, std::mt19937& random, float size = 0.01f) {
  Tensor tensor = random_tensor(dims, random, size);
  for (float& value : tensor.data<float>()) value = std::fabs(value) + size / 10;
  return tensor;
}

}  // namespace slipway::engine
