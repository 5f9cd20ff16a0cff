// Every fast kernel against the reference kernels, within 1e-5 of the largest value, the same bits for any
// number of threads.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/random_model.hpp"

namespace slipway::engine {
namespace {

void expect_convolution(Dims input, Dims weights, std::vector<int64_t> pads, int64_t group,
                        std::vector<int64_t> strides, std::vector<int64_t> dilations) {
  GraphMaker maker;
  Value* x = maker.input(input);
  const Tensor tensor = random_tensor(input, maker.random);
  expect_like_reference(maker, maker.conv(x, weights, pads, group, strides, dilations), {tensor});
}

TEST(Convolution, EveryStridePaddingAndGroup) {
  expect_convolution({1, 3, 20, 33}, {64, 3, 9, 9}, {4, 4, 4, 4}, 1, {}, {});
  expect_convolution({1, 32, 20, 33}, {3, 32, 5, 5}, {2, 2, 2, 2}, 1, {}, {});
  expect_convolution({2, 16, 14, 14}, {24, 16, 3, 3}, {1, 1, 1, 1}, 1, {}, {});
  expect_convolution({2, 16, 15, 14}, {24, 16, 3, 3}, {1, 1, 1, 1}, 1, {2, 2}, {});
  expect_convolution({1, 3, 37, 41}, {16, 3, 7, 7}, {3, 3, 3, 3}, 1, {2, 2}, {});
  expect_convolution({1, 8, 19, 23}, {8, 1, 3, 3}, {1, 1, 1, 1}, 8, {}, {});
  expect_convolution({1, 8, 19, 23}, {8, 1, 3, 3}, {1, 1, 1, 1}, 8, {2, 2}, {});
  expect_convolution({1, 12, 9, 17}, {24, 4, 3, 3}, {0, 1, 1, 0}, 3, {1, 2}, {});
  expect_convolution({1, 4, 30, 30}, {20, 4, 3, 3}, {2, 2, 2, 2}, 1, {}, {2, 2});
  expect_convolution({1, 4, 30, 30}, {5, 4, 3, 2}, {3, 0, 0, 1}, 1, {3, 1}, {2, 3});
  expect_convolution({1, 300, 7, 7}, {40, 300, 1, 1}, {}, 1, {}, {});
  expect_convolution({1, 5, 1, 1}, {6, 5, 3, 3}, {1, 1, 1, 1}, 1, {}, {});
  expect_convolution({2, 6, 50}, {8, 6, 5}, {2, 2}, 1, {2}, {});
}

TEST(Convolution, FusesAdditionAndActivation) {
  GraphMaker maker;
  Value* x = maker.input({1, 16, 12, 19});
  const Tensor tensor = random_tensor({1, 16, 12, 19}, maker.random);
  Value* a = maker.conv(x, {16, 16, 3, 3}, {1, 1, 1, 1});
  Value* sum = maker.node("Add", {x, a});
  expect_like_reference(maker, maker.node("Relu", {sum}), {tensor});
}

TEST(Convolution, FoldsBatchNormalization) {
  GraphMaker maker;
  Value* x = maker.input({1, 4, 12, 19});
  const Tensor tensor = random_tensor({1, 4, 12, 19}, maker.random);
  Value* a = maker.conv(x, {6, 4, 3, 3}, {1, 1, 1, 1});
  Value* b = maker.node("BatchNormalization",
                        {a, maker.floats({1, 2, .5, 1, 3, 1}), maker.floats({0, .1f, .2f, .3f, -1, 1}),
                         maker.floats({.1f, .2f, .3f, .4f, .5f, .6f}), maker.floats({1, 2, 3, .5, .25, 1})});
  expect_like_reference(maker, maker.node("Relu", {b}), {tensor});
}

// Both could take the addition and what comes after it; one of them does.
TEST(Convolution, SumOfTwo) {
  for (const bool downsample_first : {true, false}) {
    GraphMaker maker;
    Value* x = maker.input({1, 8, 9, 10});
    Value* first = maker.conv(x, {16, 8, 1, 1});
    Value* second = maker.conv(x, {16, 8, 3, 3}, {1, 1, 1, 1});
    Value* sum = maker.node("Add", {downsample_first ? first : second, downsample_first ? second : first});
    expect_like_reference(maker, maker.node("Relu", {sum}), {random_tensor({1, 8, 9, 10}, maker.random)});
  }
}

TEST(Pooling, MaximumAndAverage) {
  for (const char* kind : {"MaxPool", "AveragePool"})
    for (int64_t stride : {1, 2, 3})
      for (int64_t ceil : {0, 1})
        for (int64_t count_padding : {0, 1}) {
          GraphMaker maker;
          Value* x = maker.input({2, 5, 23, 31});
          const Tensor tensor = random_tensor({2, 5, 23, 31}, maker.random);
          Value* y = maker.node(kind, {x},
                                {{"kernel_shape", std::vector<int64_t>{3, 2}},
                                 {"strides", std::vector<int64_t>{stride, stride}},
                                 {"pads", std::vector<int64_t>{1, 0, 1, 1}},
                                 {"ceil_mode", ceil}});
          if (count_padding) {
            if (std::string(kind) == "MaxPool") continue;
            y->producer()->set_attribute("count_include_pad", count_padding);
          }
          expect_like_reference(maker, y, {tensor});
        }
}

TEST(Pooling, OfWindowsOfNaN) {
  GraphMaker maker;
  Value* x = maker.input({1, 1, 4, 40});
  Tensor tensor = random_tensor({1, 1, 4, 40}, maker.random);
  for (size_t i : {0u, 1u, 40u, 41u, 77u}) tensor.data<float>()[i] = NAN;
  expect_like_reference(maker, maker.node("MaxPool", {x}, {{"kernel_shape", std::vector<int64_t>{2, 2}}}),
                        {tensor});
}

TEST(Elementwise, Broadcasts) {
  const std::vector<std::pair<Dims, Dims>> cases = {
      {{2, 3, 4, 50}, {2, 3, 4, 50}}, {{2, 3, 4, 50}, {3, 1, 1}}, {{2, 3, 4, 50}, {}},          {{1}, {7, 9}},
      {{4, 1, 6}, {1, 5, 6}},         {{4, 1}, {1, 70}},          {{2, 1, 3, 1}, {1, 5, 1, 20}}};
  for (const char* kind : {"Add", "Sub", "Mul", "Div"})
    for (const auto& [a, b] : cases) {
      GraphMaker maker;
      Value *x = maker.input(a), *y = maker.input(b, "y");
      const Tensor left = random_tensor(a, maker.random);
      Tensor right = random_tensor(b, maker.random);
      for (float& value : right.data<float>()) value += value < 0 ? -0.5f : 0.5f;
      expect_like_reference(maker, maker.node(kind, {x, y}), {left, right}, 1e-6);
    }
}

TEST(Elementwise, NaNInEitherOperandIsTheMaximum) {
  for (const char* kind : {"Max", "Min"}) {
    GraphMaker maker;
    Value *x = maker.input({37}), *y = maker.input({37}, "y");
    Tensor left = random_tensor({37}, maker.random), right = random_tensor({37}, maker.random);
    for (size_t i : {0u, 9u, 36u}) left.data<float>()[i] = NAN;
    for (size_t i : {1u, 9u, 35u}) right.data<float>()[i] = NAN;
    expect_like_reference(maker, maker.node(kind, {x, y}), {left, right}, 0);
  }
}

TEST(MatrixProducts, GemmOfEveryTransposition) {
  for (int64_t trans_a : {0, 1})
    for (int64_t trans_b : {0, 1})
      for (const Dims& c : {Dims{}, Dims{33}, Dims{7, 1}, Dims{7, 33}}) {
        const float alpha = c.empty() ? 1.0f : 0.5f;
        GraphMaker maker;
        const Dims a = trans_a ? Dims{20, 7} : Dims{7, 20}, b = trans_b ? Dims{33, 20} : Dims{20, 33};
        Value* x = maker.input(a);
        Value* weights = maker.graph().add_initializer("b", random_tensor(b, maker.random));
        Value* bias = maker.graph().add_initializer("c", random_tensor(c, maker.random));
        const Tensor tensor = random_tensor(a, maker.random);
        Value* y = maker.node("Gemm", {x, weights, bias},
                              {{"transA", trans_a}, {"transB", trans_b}, {"alpha", alpha}, {"beta", 2.0f}});
        expect_like_reference(maker, y, {tensor});
      }
}

// Columns in several groups of panels, sums in several parts: one row, few and many.
TEST(MatrixProducts, GemmOfManyColumns) {
  for (int64_t rows : {1, 5, 21})
    for (int64_t trans_a : {0, 1})
      for (float alpha : {1.0f, 0.5f})
        for (bool clamps : {false, true})
          for (const Dims& c : {Dims{}, Dims{1}, Dims{151}, Dims{1, 151}, Dims{rows, 1}, Dims{rows, 151}}) {
            GraphMaker maker;
            const Dims a = trans_a ? Dims{300, rows} : Dims{rows, 300};
            std::vector<Value*> inputs{
                maker.input(a), maker.graph().add_initializer("b", random_tensor({300, 151}, maker.random))};
            if (!c.empty())
              inputs.push_back(maker.graph().add_initializer("c", random_tensor(c, maker.random)));
            Value* y = maker.node("Gemm", inputs, {{"transA", trans_a}, {"alpha", alpha}, {"beta", 2.0f}});
            expect_like_reference(maker, clamps ? maker.node("Relu", {y}) : y,
                                  {random_tensor(a, maker.random)});
          }
}

// Parts of a long sum are added up apart: errors do not grow with k. One chain of all errs by 5e-6 here.
TEST(MatrixProducts, LongSumsOfFewRows) {
  for (int64_t rows : {1, 2, 9}) {
    GraphMaker maker;
    Tensor left = random_tensor({rows, 20000}, maker.random),
           right = random_tensor({20000, 50}, maker.random);
    for (Tensor* tensor : {&left, &right})
      for (float& value : tensor->data<float>()) value = std::fabs(value);
    Value* x = maker.input(left.dims());
    Value* y = maker.graph().add_initializer("y", right);
    expect_like_reference(maker, maker.node("MatMul", {x, y}), {left}, 5e-7);
  }
}

TEST(MatrixProducts, MatMulOfBatches) {
  const std::vector<std::pair<Dims, Dims>> cases = {
      {{5, 9}, {9, 70}},
      {{2, 3, 5, 9}, {9, 11}},
      {{2, 3, 5, 9}, {3, 9, 11}},
      {{4, 9}, {2, 1, 9, 60}},
      {{9}, {9, 5}},
      {{3, 5, 9}, {9}},
      // Few rows of columns that are read where they are, few columns, many matrices, rows in several pieces.
      {{1, 300}, {300, 64}},
      {{40, 3, 20}, {40, 20, 528}},
      {{300, 3}, {3, 3}},
      {{2, 70, 16}, {16, 4}},
      {{33, 50, 7}, {33, 7, 2}},
      {{700, 9, 5}, {700, 5, 8}},
      {{150, 270}, {270, 50}},
      // Columns that are partly read where they are, a row of sums of one product, too large to be read in
      // place, sums of nothing.
      {{20, 49, 32}, {20, 32, 49}},
      {{2, 20, 1}, {2, 1, 5}},
      {{270, 500}, {500, 270}},
      {{1, 700}, {700, 333}},
      {{3, 0}, {0, 40}}};
  for (const auto& [a, b] : cases)
    for (bool is_constant : {false, true}) {
      GraphMaker maker;
      const Tensor left = random_tensor(a, maker.random), right = random_tensor(b, maker.random);
      Value* x = maker.input(a);
      Value* y = is_constant ? maker.graph().add_initializer("y", right) : maker.input(b, "y");
      std::vector<RuntimeValue> inputs{left};
      if (!is_constant) inputs.push_back(right);
      expect_like_reference(maker, maker.node("MatMul", {x, y}), inputs);
    }
}

TEST(MatrixProducts, OfFewColumnsWithAClamp) {
  GraphMaker maker;
  const Tensor left = random_tensor({90, 6}, maker.random), right = random_tensor({6, 3}, maker.random);
  Value *x = maker.input({90, 6}), *y = maker.input({6, 3}, "y");
  expect_like_reference(maker, maker.node("Relu", {maker.node("MatMul", {x, y})}), {left, right});
}

TEST(Movement, ConcatAndTranspose) {
  for (int64_t axis : {0, 1, 2, -1}) {
    GraphMaker maker;
    Dims second{2, 3, 4};
    second[size_t(axis < 0 ? 3 + axis : axis)] = 7;
    Value *x = maker.input({2, 3, 4}), *y = maker.input(second, "y");
    const Tensor left = random_tensor({2, 3, 4}, maker.random), right = random_tensor(second, maker.random);
    expect_like_reference(maker, maker.node("Concat", {x, y}, {{"axis", axis}}), {left, right}, 0);
  }
  for (const std::vector<int64_t>& perm : std::vector<std::vector<int64_t>>{{0, 1, 2, 3},
                                                                            {3, 2, 1, 0},
                                                                            {0, 2, 1, 3},
                                                                            {0, 2, 3, 1},
                                                                            {0, 3, 1, 2},
                                                                            {1, 0, 3, 2},
                                                                            {2, 3, 0, 1}}) {
    GraphMaker maker;
    Value* x = maker.input({2, 3, 5, 7});
    const Tensor tensor = random_tensor({2, 3, 5, 7}, maker.random);
    expect_like_reference(maker, maker.node("Transpose", {x}, {{"perm", perm}}), {tensor}, 0);
  }
}

TEST(Channels, SoftmaxAveragesAndNormalisation) {
  for (int64_t axis : {0, 1, -1}) {
    GraphMaker maker;
    Value* x = maker.input({3, 5, 40});
    const Tensor tensor = random_tensor({3, 5, 40}, maker.random, 8.0f);
    expect_like_reference(maker, maker.node("Softmax", {x}, {{"axis", axis}}), {tensor}, 1e-6);
  }
  GraphMaker maker;
  Value* x = maker.input({2, 9, 6, 7});
  const Tensor tensor = random_tensor({2, 9, 6, 7}, maker.random, 8.0f);
  Value* y = maker.node("LRN", {x}, {{"size", int64_t{5}}, {"alpha", 0.1f}, {"bias", 2.0f}});
  expect_like_reference(maker, maker.node("GlobalAveragePool", {y}), {tensor}, 1e-6);
}

TEST(Plan, TakesOperatorsWithoutInputs) {
  GraphMaker maker;
  Value* x = maker.input({2, 3});
  const Tensor tensor = random_tensor({2, 3}, maker.random);
  Value* drawn = maker.node("RandomNormal", {}, {{"shape", std::vector<int64_t>{2, 3}}, {"seed", 3.0f}});
  expect_like_reference(maker, maker.node("Relu", {maker.node("Add", {x, drawn})}), {tensor});
}

}  // namespace
}  // namespace slipway::engine
