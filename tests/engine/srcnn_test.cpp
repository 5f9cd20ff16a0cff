// SRCNN's graph on the engine, depth-first, against the reference interpreter: Resize ×3 (cubic), 9×9, 1×1,
// 5×5.
#include <gtest/gtest.h>

#include "engine/plan.hpp"
#include "engine/random_model.hpp"

namespace slipway::engine {
namespace {

Value* srcnn(GraphMaker& maker, Value* x, Value* scales) {
  Value* up = maker.node("Resize", {x, nullptr, scales}, {{"mode", std::string("cubic")}});
  Value* a = maker.node("Relu", {maker.conv(up, {64, 3, 9, 9}, {4, 4, 4, 4})});
  Value* b = maker.node("Relu", {maker.conv(a, {32, 64, 1, 1})});
  return maker.conv(b, {3, 32, 5, 5}, {2, 2, 2, 2});
}

TEST(Srcnn, EqualsTheReferenceAtEverySize) {
  for (const auto& [height, width] :
       std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {17, 5}, {29, 41}, {2, 130}}) {
    GraphMaker maker;
    Value* x = maker.input({1, 3, height, width});
    const Tensor tensor = random_tensor({1, 3, height, width}, maker.random);
    expect_like_reference(maker, srcnn(maker, x, maker.floats({1, 1, 3, 3})), {tensor});
  }
}

TEST(Srcnn, TakesItsFactorAtRunTime) {
  GraphMaker maker;
  Value *x = maker.input({1, 3, 21, 30}), *scales = maker.input({4}, "scales");
  const Tensor tensor = random_tensor({1, 3, 21, 30}, maker.random);
  expect_like_reference(maker, srcnn(maker, x, scales),
                        {tensor, Tensor::from<float>({4}, std::vector<float>{1, 1, 2.5f, 2.5f})});
}

TEST(Srcnn, RunsAsOneStepInLittleMemory) {
  GraphMaker maker;
  Value* x = maker.input({1, 3, 300, 300});
  maker.graph().add_output(srcnn(maker, x, maker.floats({1, 1, 3, 3})));
  Environment environment(2);
  const auto model = Model::make(std::move(maker.model), environment);
  const std::vector<RuntimeValue> inputs{random_tensor({1, 3, 300, 300}, maker.random)};
  const auto plan = model->plan_for(inputs);
  EXPECT_EQ(plan->steps().size(), 1u);
  // What lies between the convolutions would be 207 MB and 104 MB whole.
  EXPECT_LT(plan->arena_bytes(), size_t{4} << 20);
}

}  // namespace
}  // namespace slipway::engine
