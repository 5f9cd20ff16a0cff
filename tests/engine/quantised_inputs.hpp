// What quantised operators take.
#pragma once

#include <algorithm>
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

// The bytes whose products are the largest and the smallest.
constexpr uint8_t kEnds[] = {0x00, 0xFF, 0x80, 0x7F};

inline Tensor filled_with(DataType type, const Dims& dims, uint8_t byte) {
  Tensor tensor(type, dims);
  std::fill_n(static_cast<uint8_t*>(tensor.raw()), tensor.count(), byte);
  return tensor;
}

}  // namespace slipway::engine
