// MatMulInteger and QLinearMatMul: every bit as the reference kernels have it, for every sign, with and
// without zero points, for sizes that fill no tile.
#include "engine/quantised_inputs.hpp"

namespace slipway::engine {
namespace {

// Some of them the ends.
Tensor bytes(DataType type, const Dims& dims, std::mt19937& random) {
  Tensor tensor = random_bits(type, dims, random);
  auto* values = static_cast<uint8_t*>(tensor.raw());
  for (int64_t i = 0; i < tensor.count(); i += 3) values[i] = kEnds[random() % 4];
  return tensor;
}

struct Sizes {
  Dims a, b;
};

const std::vector<Sizes>& sizes() {
  static const std::vector<Sizes> all{
      {{1, 1}, {1, 1}},       {{3, 5}, {5, 7}},          {{8, 64}, {64, 48}},
      {{13, 131}, {131, 67}}, {{77, 30}, {30, 130}},     {{1, 515}, {515, 200}},
      {{200, 4}, {4, 3}},     {{2, 3, 9, 17}, {17, 33}}, {{2, 1, 9, 17}, {3, 17, 33}},
      {{5, 1, 6}, {5, 6, 2}}, {{19}, {19, 21}},          {{6, 19}, {19}},
      {{16, 512}, {512, 16}}, {{70, 1024}, {1024, 49}},
  };
  return all;
}

class IntegerProducts : public testing::TestWithParam<std::tuple<DataType, DataType>> {};

TEST_P(IntegerProducts, MatMulInteger) {
  const auto [a_type, b_type] = GetParam();
  int turn = 0;
  for (const Sizes& size : sizes()) {
    // No zero points, one for each, one for each column.
    const int64_t columns = size.b.size() > 1 ? size.b.back() : 1;
    for (const Dims& b_zeros : {Dims{0}, Dims{}, Dims{columns}}) {
      GraphMaker maker;
      const bool constant = ++turn % 2 == 0;
      const Tensor a = bytes(a_type, size.a, maker.random), b = bytes(b_type, size.b, maker.random);
      std::vector<RuntimeValue> inputs{a};
      std::vector<Value*> values{add_input(maker, a)};
      if (constant)
        values.push_back(maker.graph().add_initializer("b", b));
      else
        values.push_back(add_input(maker, b)), inputs.push_back(b);
      if (b_zeros != Dims{0}) {
        values.push_back(maker.graph().add_initializer("az", bytes(a_type, {}, maker.random)));
        values.push_back(maker.graph().add_initializer("bz", bytes(b_type, b_zeros, maker.random)));
      }
      expect_identical(maker, *maker.node("MatMulInteger", values)->producer(), inputs);
    }
  }
}

// Where nothing else makes up for them, too narrow sums would saturate or wrap.
TEST_P(IntegerProducts, OfTheEndsAlone) {
  const auto [a_type, b_type] = GetParam();
  for (int64_t rows : {1, 3, 4, 9})
    for (uint8_t a : kEnds)
      for (uint8_t b : kEnds) {
        GraphMaker maker;
        const Tensor x = filled_with(a_type, {rows, 600}, a);
        std::vector<Value*> values{add_input(maker, x)};
        values.push_back(maker.graph().add_initializer("b", filled_with(b_type, {600, 20}, b)));
        expect_identical(maker, *maker.node("MatMulInteger", values)->producer(), {x});
      }
}

TEST_P(IntegerProducts, QLinearMatMul) {
  const auto [a_type, b_type] = GetParam();
  int turn = 0;
  for (DataType type : kBytes)
    for (const Sizes& size : sizes()) {
      GraphMaker maker;
      const Dims one = turn++ % 3 ? Dims{} : Dims{1};
      const Dims columns = turn % 2 && size.b.size() > 1 ? Dims{size.b.back()} : one;
      const Tensor a = bytes(a_type, size.a, maker.random), b = bytes(b_type, size.b, maker.random);
      const auto constant = [&](const Tensor& tensor) { return maker.graph().add_initializer("c", tensor); };
      Value* x = add_input(maker, a);
      // Powers of two make exact halves.
      const Tensor scale = turn % 2 ? scales(one, maker.random) : Tensor::scalar(0.125f).reshaped(one);
      Node* node = maker
                       .node("QLinearMatMul",
                             {x, constant(scale), constant(bytes(a_type, one, maker.random)), constant(b),
                              constant(turn % 2 ? scales(columns, maker.random) : Tensor::scalar(0.25f)),
                              constant(bytes(b_type, turn % 2 ? columns : Dims{}, maker.random)),
                              constant(Tensor::scalar(turn % 2 ? 0.37f : 16.0f)),
                              constant(bytes(type, {}, maker.random))})
                       ->producer();
      expect_identical(maker, *node, {a});
    }
}

INSTANTIATE_TEST_SUITE_P(Signs, IntegerProducts,
                         testing::Combine(testing::ValuesIn(kBytes), testing::ValuesIn(kBytes)));

// What saturates, what is infinite, what is no number.
TEST(QLinearMatMul, TakesAnyScale) {
  for (float scale : {0.0f, 1e-30f, 1e30f, INFINITY, NAN, -1.0f}) {
    GraphMaker maker;
    const Tensor a = bytes(DataType::kUint8, {9, 20}, maker.random),
                 b = bytes(DataType::kInt8, {20, 35}, maker.random), out_scale = Tensor::scalar(scale);
    const Tensor zero = Tensor::scalar(uint8_t{3}), none = Tensor::scalar(int8_t{0}),
                 one = Tensor::scalar(1.0f);
    std::vector<Value*> values;
    const std::vector<Tensor> inputs{a, one, zero, b, one, none, out_scale, zero};
    for (const Tensor& input : inputs) values.push_back(add_input(maker, input));
    expect_identical(maker, *maker.node("QLinearMatMul", values)->producer(),
                     std::vector<RuntimeValue>(inputs.begin(), inputs.end()));
  }
}

}  // namespace
}  // namespace slipway::engine
