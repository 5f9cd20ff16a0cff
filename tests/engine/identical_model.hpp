// Kernels that move or convert elements against the reference interpreter: every bit is the same.
#pragma once

#include <cstring>

#include "engine/one_node.hpp"

namespace slipway::engine {

// Any bits, NaN among them; bools are 0 or 1.
inline Tensor random_bits(DataType type, Dims dims, std::mt19937& random) {
  Tensor tensor(type, std::move(dims));
  auto* bytes = static_cast<uint8_t*>(tensor.raw());
  for (size_t i = 0; i < tensor.bytes(); ++i)
    bytes[i] = static_cast<uint8_t>(type == DataType::kBool ? random() % 2 : random() % 256);
  return tensor;
}

inline Value* add_input(GraphMaker& maker, const Tensor& tensor) {
  const Dims& dims = tensor.dims();
  return maker.graph().add_input("i" + std::to_string(maker.graph().inputs().size()),
                                 Type::tensor(tensor.type(), Shape(dims.begin(), dims.end())));
}

inline Value* integers(GraphMaker& maker, const std::vector<int64_t>& values) {
  return maker.graph().add_initializer(
      "c", Tensor::from<int64_t>({static_cast<int64_t>(values.size())}, std::span(values)));
}

// Every output of the one node, to the bit.
inline void expect_identical(GraphMaker& maker, const Node& node, const std::vector<RuntimeValue>& inputs,
                             bool fast = true) {
  expect_one_node(maker, node, inputs, fast, [](const Tensor& got, const Tensor& expected) {
    EXPECT_TRUE(identical(got, expected)) << expected.describe();
  });
}

}  // namespace slipway::engine
