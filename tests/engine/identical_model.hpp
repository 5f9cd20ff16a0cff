// Kernels that move or convert elements against the reference interpreter: every bit is the same.
#pragma once

#include <cstring>

#include "engine/plan.hpp"
#include "engine/random_model.hpp"

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

// The outputs of the one node on 1, 2 and 5 threads; `fast`: a kernel of the engine's own makes them.
inline void expect_identical(GraphMaker& maker, const Node& node, const std::vector<RuntimeValue>& inputs,
                             bool fast = true) {
  for (Value* output : node.outputs()) maker.graph().add_output(output);
  std::map<std::string, RuntimeValue, std::less<>> named;
  for (size_t i = 0; i < inputs.size(); ++i) named[maker.graph().inputs()[i]->name()] = inputs[i];
  const auto expected = reference::run(*maker.model, named, ops::standard_operators());
  for (int threads : {1, 2, 5}) {
    const auto got = run_on_engine(maker, inputs, threads);
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i)
      EXPECT_TRUE(identical(got[i].tensor(), expected[i].tensor()))
          << node.describe() << ", output " << i << ": " << expected[i].tensor().describe() << ", " << threads
          << " threads";
  }
  Environment environment(1);
  auto copy = std::make_unique<slipway::Model>();
  copy->opset_imports = maker.model->opset_imports;
  copy->graph = clone(*maker.model->graph);
  const auto plan = Model::make(std::move(copy), environment, {})->plan_for(inputs);
  if (!fast) return;
  ASSERT_EQ(plan->steps().size(), 1u);
  EXPECT_TRUE(plan->steps()[0].kernel) << node.describe() << " of " << inputs[0].tensor().describe();
}

}  // namespace slipway::engine
