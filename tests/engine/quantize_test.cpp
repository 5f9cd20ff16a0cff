// QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear: every bit as the reference kernels have it.
#include "engine/quantised_inputs.hpp"

namespace slipway::engine {
namespace {

struct ScaleLayout {
  Dims dims;
  Dims scale;
  std::vector<GraphMaker::Setting> settings;
};

// Per tensor, along each axis, for blocks; lengths that are no multiple of any vector.
const std::vector<ScaleLayout>& layouts() {
  static const std::vector<ScaleLayout> all{
      {{3, 5, 7}, {}, {}},
      {{70001}, {}, {}},
      {{2, 3, 77}, {1}, {}},
      {{53}, {53}, {}},
      {{6, 11, 13}, {6}, {{"axis", int64_t{0}}}},
      {{6, 11, 13}, {11}, {}},
      {{600, 67}, {67}, {{"axis", int64_t{-1}}}},
      {{4, 37, 5}, {4, 10, 5}, {{"block_size", int64_t{4}}}},
      {{37, 300}, {37, 10}, {{"axis", int64_t{1}}, {"block_size", int64_t{32}}}},
      {{2, 2, 2}, {2}, {{"axis", int64_t{2}}}},
      {{4, 2503}, {}, {}},
  };
  return all;
}

// Bits of the last byte that belong to no element are not compared.
bool fills_its_bytes(DataType type, const Dims& dims) {
  return element_count(dims) * bits_of(type) % 8 == 0;
}

Tensor zero_points(DataType type, const Dims& dims, std::mt19937& random) {
  return random_bits(type, dims, random);
}

// Ordinary numbers, exact halves of the first scale, and everything that is no ordinary number.
Tensor numbers(const Dims& dims, float scale, std::mt19937& random) {
  Tensor x = random_tensor(dims, random, 40.0f);
  const float odd[] = {NAN, -NAN, INFINITY, -INFINITY, 1e30f, -1e30f, -0.0f, 1e-40f};
  const auto values = x.data<float>();
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % 3 == 0) values[i] = scale * (0.5f + static_cast<float>(random() % 99));
    if (i % 11 == 0) values[i] = odd[i / 11 % 8];
  }
  return x;
}

Value* constant(GraphMaker& maker, Tensor tensor) {
  return maker.graph().add_initializer("c", std::move(tensor));
}

class QuantizeTest : public testing::TestWithParam<DataType> {};

TEST_P(QuantizeTest, LikeTheReference) {
  for (const ScaleLayout& layout : layouts())
    for (bool has_zero_points : {true, false}) {
      if (!fills_its_bytes(GetParam(), layout.dims)) continue;
      GraphMaker maker;
      Tensor scale = scales(layout.scale, maker.random, 0.2f);
      scale.data<float>()[0] = 0.25f;
      const Tensor x = numbers(layout.dims, 0.25f, maker.random);
      std::vector<Value*> inputs{add_input(maker, x), constant(maker, scale)};
      auto settings = layout.settings;
      if (has_zero_points)
        inputs.push_back(constant(maker, zero_points(GetParam(), layout.scale, maker.random)));
      else
        settings.push_back({"output_dtype", static_cast<int64_t>(GetParam())});
      Node* node = maker.node("QuantizeLinear", inputs, settings)->producer();
      expect_identical(maker, *node, {x});
    }
}

INSTANTIATE_TEST_SUITE_P(Types, QuantizeTest,
                         testing::Values(DataType::kUint8, DataType::kInt8, DataType::kUint16,
                                         DataType::kInt16, DataType::kUint4, DataType::kInt4,
                                         DataType::kUint2, DataType::kInt2));

class DequantizeTest : public testing::TestWithParam<DataType> {};

TEST_P(DequantizeTest, LikeTheReference) {
  for (const ScaleLayout& layout : layouts())
    for (bool has_zero_points : {true, false}) {
      GraphMaker maker;
      const Tensor x = random_bits(GetParam(), layout.dims, maker.random);
      std::vector<Value*> inputs{add_input(maker, x),
                                 constant(maker, scales(layout.scale, maker.random, 0.2f))};
      if (has_zero_points)
        inputs.push_back(constant(maker, zero_points(GetParam(), layout.scale, maker.random)));
      expect_identical(maker, *maker.node("DequantizeLinear", inputs, layout.settings)->producer(), {x});
    }
}

INSTANTIATE_TEST_SUITE_P(Types, DequantizeTest,
                         testing::Values(DataType::kUint8, DataType::kInt8, DataType::kUint16,
                                         DataType::kInt16, DataType::kInt32, DataType::kUint4,
                                         DataType::kInt4, DataType::kUint2, DataType::kInt2,
                                         DataType::kFloat8e4m3fn, DataType::kFloat8e4m3fnuz,
                                         DataType::kFloat8e5m2, DataType::kFloat8e5m2fnuz));

// Differences on either side of what f32 holds, in blocks of their own and mixed; scales that round.
TEST(DequantizeLinear, RoundsIntegersOnce) {
  constexpr int32_t kExact = 1 << 24;
  for (int32_t zero_point : {0, 5, kExact, kExact + 1, -kExact, std::numeric_limits<int32_t>::min()})
    for (float scale : {0.1f, 7.7f, 1e-39f, 3e38f}) {
      GraphMaker maker;
      Tensor x(DataType::kInt32, {4, 1024});
      const auto values = x.data<int32_t>();
      for (size_t i = 0; i < values.size(); ++i) {
        const bool is_mixed = i >= 2048 && i % 7 == 0;
        const auto difference = static_cast<uint32_t>(maker.random() % (2 * kExact)) - kExact;
        const uint32_t further = is_mixed ? static_cast<uint32_t>(maker.random()) : 0;
        values[i] = static_cast<int32_t>(static_cast<uint32_t>(zero_point) + difference + further);
      }
      const int32_t edges[] = {kExact, kExact - 1, -kExact, -kExact - 1};
      for (size_t i = 0; i < 4; ++i)
        values[1024 + i * 3] =
            static_cast<int32_t>(static_cast<uint32_t>(zero_point) + static_cast<uint32_t>(edges[i]));
      const std::vector<Value*> inputs{
          add_input(maker, x), maker.graph().add_initializer("scale", Tensor::scalar(scale)),
          maker.graph().add_initializer("zero_point", Tensor::scalar(zero_point))};
      expect_identical(maker, *maker.node("DequantizeLinear", inputs)->producer(), {x});
    }
}

// Numbers in the middle of two integers and right beside it, whatever the scale: a product with the scale's
// reciprocal would round some of them to the other side.
TEST(QuantizeLinear, RoundsTheQuotient) {
  for (float scale : {0.02f, 0.1f, 1.0f / 3, 0.3f, 7.7f, 0.5f, 1e-39f, 3e38f}) {
    GraphMaker maker;
    std::vector<float> values;
    for (int i = -260; i < 260; ++i) {
      const float middle = (static_cast<float>(i) + 0.5f) * scale;
      float below = middle, above = middle;
      for (int steps = 0; steps < 4; ++steps) {
        values.insert(values.end(), {below, above});
        below = std::nextafter(below, -INFINITY), above = std::nextafter(above, INFINITY);
      }
    }
    const Tensor x =
        Tensor::from<float>({static_cast<int64_t>(values.size())}, std::span<const float>(values));
    Node* node = maker
                     .node("QuantizeLinear", {add_input(maker, x), constant(maker, Tensor::scalar(scale)),
                                              constant(maker, Tensor::scalar(int8_t{3}))})
                     ->producer();
    expect_identical(maker, *node, {x});
  }
}

// Scales and zero points that are inputs of the model are read when it runs.
TEST(QuantizeLinear, TakesParametersThatAreNoConstants) {
  GraphMaker maker;
  const Tensor x = numbers({3, 41}, 0.5f, maker.random), scale = scales({3}, maker.random, 0.2f),
               zero_point = random_bits(DataType::kInt8, {3}, maker.random);
  Node* node = maker
                   .node("QuantizeLinear",
                         {add_input(maker, x), add_input(maker, scale), add_input(maker, zero_point)},
                         {{"axis", int64_t{0}}})
                   ->producer();
  expect_identical(maker, *node, {x, scale, zero_point});
}

TEST(DynamicQuantizeLinear, LikeTheReference) {
  std::vector<Tensor> inputs;
  std::mt19937 random(3);
  for (int64_t count : {1, 7, 31, 32, 33, 1000, 70001}) inputs.push_back(random_tensor({count}, random, 3));
  inputs.push_back(Tensor::from<float>({3}, std::vector<float>{2, 3, 4}));
  inputs.push_back(Tensor::from<float>({3}, std::vector<float>{-2, -3, -4}));
  inputs.push_back(Tensor::from<float>({3}, std::vector<float>{0, -0.0f, 0}));
  inputs.push_back(Tensor::from<float>({4}, std::vector<float>{1, NAN, -5, 2}));
  inputs.push_back(Tensor::from<float>({3}, std::vector<float>{1, INFINITY, -5}));
  for (const Tensor& x : inputs) {
    GraphMaker maker;
    Node* node = maker.graph().add_node("DynamicQuantizeLinear", {add_input(maker, x)}, 3);
    expect_identical(maker, *node, {x});
  }
}

}  // namespace
}  // namespace slipway::engine
