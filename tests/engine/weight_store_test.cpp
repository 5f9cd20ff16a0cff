// Packed weights belong to their constant, also where another one comes to lie at its address.
#include "engine/weight_store.hpp"

#include "engine/random_model.hpp"

namespace slipway::engine {
namespace {

Tensor one_float(float value, std::vector<float>& memory) {
  memory = {value};
  return Tensor::borrow(DataType::kFloat, {1}, memory.data(), sizeof(float));
}

// The elements, doubled.
float packed(WeightStore& store, const Tensor& constant, int& fills) {
  return floats_of(*store.get(constant, "doubled", 1, [&](float* to) {
    ++fills;
    to[0] = 2 * constant.data<float>()[0];
  }))[0];
}

TEST(WeightStore, PacksAConstantOnce) {
  WeightStore store;
  int fills = 0;
  std::vector<float> memory;
  const Tensor constant = one_float(3, memory);
  EXPECT_EQ(packed(store, constant, fills), 6);
  EXPECT_EQ(packed(store, constant, fills), 6);
  EXPECT_EQ(fills, 1);
}

TEST(WeightStore, ForgetsAConstantThatIsGone) {
  WeightStore store;
  int fills = 0;
  std::vector<float> memory(1);
  for (float value : {3.0f, 4.0f}) {
    const Tensor constant = one_float(value, memory);
    EXPECT_EQ(packed(store, constant, fills), 2 * value);
  }
  EXPECT_EQ(fills, 2);
  EXPECT_EQ(store.bytes(), sizeof(float));
}

// The shape of x as a matrix to multiply with: constant for a plan, and another one for each.
TEST(WeightStore, ConstantsThatPlansWorkOut) {
  GraphMaker maker;
  Value* x = maker.graph().add_input("x", Type::tensor(DataType::kFloat, Shape{Dim::symbol("h"), Dim()}));
  Value* y = maker.input({4, 2}, "y");
  Value* sizes = maker.node("Cast", {maker.node("Shape", {x})}, {{"to", int64_t{1}}});
  Value* axis = maker.graph().add_initializer("axis", Tensor::from<int64_t>({1}, std::vector<int64_t>{1}));
  maker.graph().add_output(maker.node("MatMul", {y, maker.node("Unsqueeze", {sizes, axis})}));
  Environment environment(1);
  auto model = std::make_unique<slipway::Model>();
  model->opset_imports = maker.model->opset_imports;
  model->graph = clone(*maker.model->graph);
  Context context(Model::make(std::move(model), environment, {.plan_cache_size = 2}));
  const Tensor ones = Tensor::from<float>({4, 2}, std::vector<float>{1, 0, 0, 1, 1, 1, 2, 3});
  for (int64_t h = 1; h < 12; ++h) {
    const int64_t w = 7 * h % 11 + 1;
    const auto made = context.run({{Tensor(DataType::kFloat, {h, w}), ones}})[0].tensor();
    const auto a = static_cast<float>(h), b = static_cast<float>(w);
    const auto got = made.data<float>();
    EXPECT_EQ(std::vector<float>(got.begin(), got.end()), (std::vector<float>{a, b, a + b, 2 * a + 3 * b}));
  }
}

}  // namespace
}  // namespace slipway::engine
