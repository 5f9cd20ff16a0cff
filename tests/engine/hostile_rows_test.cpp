// Rows, sums and scratch memory that only a hostile model has: numbers that f32 sums do not hold, and shapes
// of which a place for each worker would be out of proportion.
#include "engine/identical_model.hpp"
#include "ops/private_attributes.hpp"

namespace slipway::engine {
namespace {

constexpr double kRowTolerance = 1e-6;

Tensor filled(const Dims& dims, float value) {
  Tensor tensor(DataType::kFloat, dims);
  for (float& x : tensor.data<float>()) x = value;
  return tensor;
}

void expect_normalized(const char* op_type, const Tensor& x, int64_t scales, float epsilon) {
  GraphMaker maker;
  const Tensor scale = random_tensor({scales}, maker.random), bias = random_tensor({scales}, maker.random);
  std::vector<Value*> values{add_input(maker, x), add_input(maker, scale)};
  std::vector<RuntimeValue> inputs{x, scale};
  if (op_type != std::string("RMSNormalization"))
    values.push_back(add_input(maker, bias)), inputs.emplace_back(bias);
  Node* node = maker.graph().add_node(op_type, values);
  node->set_attribute("epsilon", epsilon);
  if (op_type == std::string("GroupNormalization")) node->set_attribute("num_groups", int64_t{2});
  expect_node_like_reference(maker, *node, inputs, kRowTolerance);
}

// The mean of equal numbers is one of them, but its sum in f32 is not always.
TEST(HostileRows, ConstantRowsBecomeTheBias) {
  std::mt19937 random(3);
  for (int i = 0; i < 20; ++i) {
    const float number = random_tensor({1}, random, 1e6f).data<float>()[0];
    expect_normalized("LayerNormalization", filled({1, 768}, number), 768, 1e-5f);
    expect_normalized("InstanceNormalization", filled({1, 2, 768}, number), 2, 1e-5f);
    expect_normalized("GroupNormalization", filled({1, 4, 333}, number), 4, 1e-5f);
  }
  expect_normalized("LayerNormalization", filled({1, 768}, 855743.4375f), 768, 1e-5f);
  expect_normalized("LayerNormalization", filled({1, 768}, 36.27067947387695f), 768, 1e-12f);
}

TEST(HostileRows, NormalizesRowsFarFromZero) {
  std::mt19937 random(4);
  for (const float centre : {10.0f, 1e4f, 1e6f}) {
    Tensor x = random_tensor({3, 4, 700}, random);
    for (float& value : x.data<float>()) value += centre;
    expect_normalized("LayerNormalization", x, 700, 1e-5f);
    expect_normalized("InstanceNormalization", x, 4, 1e-5f);
  }
}

TEST(HostileRows, NormalizesWhatHasNoSquaresInFloat) {
  std::mt19937 random(5);
  for (const float size : {1e20f, 1.6e38f, 1e-25f, 1e-42f}) {
    const Tensor x = random_tensor({2, 4, 50}, random, size);
    expect_normalized("LayerNormalization", x, 50, 0.0f);
    expect_normalized("RMSNormalization", x, 50, 0.0f);
    expect_normalized("InstanceNormalization", x, 4, 1e-5f);
    expect_normalized("GroupNormalization", x, 4, 0.0f);
  }
}

// Rows are taken several at a time: one that needs double, or holds no number, leaves its neighbours alone.
TEST(HostileRows, NormalizesRowsBesideOthers) {
  std::mt19937 random(7);
  for (const int64_t size : {3, 50, 96, 300, 2500}) {
    Tensor x = random_tensor({19, size}, random);
    const auto values = x.data<float>();
    for (int64_t row = 0; row < 19; ++row) {
      const auto numbers = values.subspan(static_cast<size_t>(row * size), static_cast<size_t>(size));
      for (float& value : numbers) value = row % 5 == 1 ? value * 1e20f : row % 5 == 2 ? value + 1e4f : value;
      if (row % 5 == 3) numbers[numbers.size() / 2] = NAN;
    }
    expect_normalized("LayerNormalization", x, size, 1e-5f);
    expect_normalized("RMSNormalization", x, size, 1e-5f);
    expect_normalized("InstanceNormalization", x.reshaped({1, 19, size}), 19, 1e-5f);
  }
}

TEST(HostileRows, SoftmaxOfWhatIsNoNumber) {
  std::mt19937 random(8);
  for (const char* op_type : {"Softmax", "LogSoftmax"})
    for (const int64_t size : {1, 5, 16, 33, 300, 2100})
      for (const int64_t place : {int64_t{0}, size / 2, size - 1})
        for (const float number : {NAN, HUGE_VALF, -HUGE_VALF, 3e38f, -3e38f}) {
          Tensor x = random_tensor({3, size}, random, 8.0f);
          const auto row = x.data<float>().subspan(static_cast<size_t>(size), static_cast<size_t>(size));
          row[row.size() - 1] = 3e38f;  // after a NaN, too
          row[static_cast<size_t>(place)] = number;
          GraphMaker maker;
          Node* node = maker.graph().add_node(op_type, {add_input(maker, x)});
          expect_node_like_reference(maker, *node, {x}, kRowTolerance);
        }
}

// Of the size that f32 has no squares or no sums of.
TEST(HostileRows, ReducesWhatFloatDoesNotHold) {
  for (const char* op_type : {"ReduceSum", "ReduceMean", "ReduceL1", "ReduceL2", "ReduceSumSquare"})
    for (const float number : {0.0f, 1e20f, 1e-25f, 1e-42f, 3e38f, HUGE_VALF, NAN})
      for (const int64_t axis : {0, 1}) {
        const Tensor x = filled({70, 37}, number);
        GraphMaker maker;
        Node* node = maker.graph().add_node(op_type, {add_input(maker, x), integers(maker, {axis})});
        expect_node_like_reference(maker, *node, {x}, kRowTolerance);
      }
  const Tensor x = filled({1, 2, 5, 7}, 3e38f);
  GraphMaker maker;
  Node* node = maker.graph().add_node("GlobalAveragePool", {add_input(maker, x)});
  expect_node_like_reference(maker, *node, {x}, kRowTolerance);
}

// The most memory that loading the model and running it once on eight threads takes.
size_t peak_of(GraphMaker& maker, Value* output, const std::vector<RuntimeValue>& inputs) {
  maker.graph().add_output(output);
  const auto account = std::make_shared<MemoryAccount>(size_t{1} << 30);
  Environment environment(8, nullptr, account);
  Context context(Model::make(std::make_unique<slipway::Model>(clone(*maker.model)), environment));
  context.run(inputs);
  return account->peak();
}

constexpr size_t kMegabyte = 1 << 20;

TEST(HostileRows, OnePositionOfManyChannels) {
  const Tensor x = filled({1, 1 << 14, 1, 1}, 1), grid = filled({1, 1, 1, 2}, 0);
  GraphMaker maker;
  Value* y = maker.node("GridSample", {add_input(maker, x), add_input(maker, grid)});
  EXPECT_LT(peak_of(maker, y, {x, grid}), kMegabyte);
}

size_t peak_of_region(const Dims& dims, int64_t bins) {
  const Tensor x = filled(dims, 1), images = Tensor::from<int64_t>({1}, std::vector<int64_t>{0}),
               regions = Tensor::from<float>({1, 4}, std::vector<float>{0, 0, 1, 9});
  GraphMaker maker;
  Value* y =
      maker.node("RoiAlign", {add_input(maker, x), add_input(maker, regions), add_input(maker, images)},
                 {{"output_height", bins}, {"output_width", bins}});
  return peak_of(maker, y, {x, regions, images});
}

TEST(HostileRows, OneRegionOfManyBinsOrATallImage) {
  EXPECT_LT(peak_of_region({1, 1, 1, 1}, 128), 2 * kMegabyte);
  EXPECT_LT(peak_of_region({1, 1, 1 << 17, 1}, 1), 12 * kMegabyte);
  EXPECT_LT(peak_of_region({1, 1, 1 << 19, 1}, 1), 12 * kMegabyte);
}

TEST(HostileRows, TheGreatestOfOneLongLine) {
  const Tensor x = filled({1, 1 << 18}, 1);
  GraphMaker maker;
  Node* node = maker.graph().add_node("TopK", {add_input(maker, x), integers(maker, {1})}, 2);
  maker.graph().add_output(node->output(1));
  EXPECT_LT(peak_of(maker, node->output(0), {x}), 2 * kMegabyte);
}

size_t peak_of_einsum(const char* equation, const Dims& a, const Dims& b) {
  const Tensor x = filled(a, 1), y = filled(b, 1);
  GraphMaker maker;
  Value* out =
      maker.node("Einsum", {add_input(maker, x), add_input(maker, y)}, {{"equation", std::string(equation)}});
  return peak_of(maker, out, {x, y});
}

TEST(HostileRows, ContractionsPackWhatTheyShareOnce) {
  EXPECT_LT(peak_of_einsum("xyk,nmk->xnym", {7, 8, 4096}, {2, 16, 4096}), kMegabyte);
  EXPECT_LT(peak_of_einsum("ky,kn->yn", {1 << 15, 16}, {1 << 15, 16}), 4 * kMegabyte);
}

TEST(HostileRows, ContractionsWithSharedMatricesAreRight) {
  struct Case {
    const char* equation;
    Dims a, b;
  };
  for (const auto& [equation, a, b] :
       std::vector<Case>{{"xyk,nmk->xnym", {3, 50, 300}, {3, 20, 300}},
                         {"xky,nkm->xnym", {3, 600, 20}, {3, 600, 16}},
                         {"xyk,wmk->wxym", {4, 9, 30}, {2, 16, 30}},
                         {"xzyk,xnmk->xznym", {2, 2, 9, 30}, {2, 2, 16, 30}}}) {
    GraphMaker maker;
    const Tensor first = random_tensor(a, maker.random), second = random_tensor(b, maker.random);
    Node* node = maker.graph().add_node("Einsum", {add_input(maker, first), add_input(maker, second)});
    node->set_attribute("equation", std::string(equation));
    expect_node_like_reference(maker, *node, {first, second}, 2e-6);
  }
}

// In bf16, where the machine has it: rows that all matrices of the batch share.
TEST(HostileRows, ProductsShareTheirRows) {
  std::mt19937 random(6);
  const Tensor rows = random_tensor({2, 1, 5, 64}, random), columns = random_tensor({2, 3, 64, 20}, random);
  Tensor spread(DataType::kFloat, {2, 3, 5, 64});
  const auto from = rows.data<float>();
  const auto to = spread.data<float>();
  for (size_t i = 0; i < to.size(); ++i) to[i] = from[i / (3 * 320) * 320 + i % 320];
  const auto product = [&](const Tensor& a, int threads) {
    GraphMaker maker;
    Value* y = maker.node("MatMul", {add_input(maker, a), add_input(maker, columns)});
    y->producer()->set_attribute(std::string(ops::kMultiplyAs), std::string("bf16"));
    maker.graph().add_output(maker.node("Relu", {y}));
    return run_on_engine(maker, {a, columns}, threads)[0].tensor();
  };
  const Tensor expected = product(spread, 1);
  for (const int threads : {1, 2, 5}) EXPECT_TRUE(identical(product(rows, threads), expected)) << threads;
}

}  // namespace
}  // namespace slipway::engine
