// Expected values are those of ONNX Runtime 1.32, or, where it has no such kernel, of ONNX 1.22's evaluator
// or NumPy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::ThrowsMessage;

int64_t number(DataType type) {
  return static_cast<int64_t>(type);
}

TEST(QuantizeLinear, RoundsHalfToEvenThenShiftsAndSaturates) {
  const Tensor x = tensor_of(kFloat, {9}, {-1e30, -2.5, .5, 1.5, 2.5, INFINITY, -INFINITY, NAN, 300});
  const Tensor y = run_operator("QuantizeLinear",
                                {x, Tensor::scalar(1.0f), Tensor::from<int8_t>({}, std::vector<int8_t>{3})});
  EXPECT_THAT(elements(y), ElementsAre(-128, 1, 3, 5, 5, 127, -128, -128, 127));
}

TEST(QuantizeLinear, MakesEveryType) {
  const auto expect = [](DataType type, const std::vector<double>& values) {
    const Tensor x = tensor_of(kFloat, {4}, {-1000, -1.3, 0.4, 1000});
    const Tensor y =
        run_operator("QuantizeLinear", {x, Tensor::scalar(0.5f)}, {{"output_dtype", number(type)}});
    EXPECT_EQ(y.type(), type);
    EXPECT_THAT(elements(y), ElementsAreArray(values)) << name_of(type);
  };
  expect(DataType::kUint8, {0, 0, 1, 255});
  expect(DataType::kInt8, {-128, -3, 1, 127});
  expect(DataType::kUint16, {0, 0, 1, 2000});
  expect(DataType::kInt16, {-2000, -3, 1, 2000});
  expect(DataType::kUint4, {0, 0, 1, 15});
  expect(DataType::kInt4, {-8, -3, 1, 7});
  expect(DataType::kUint2, {0, 0, 1, 3});
  expect(DataType::kInt2, {-2, -2, 1, 1});
  expect(DataType::kFloat8e4m3fn, {-448, -2.5, 0.8125, 448});
  expect(DataType::kFloat8e4m3fnuz, {-240, -2.5, 0.8125, 240});
  expect(DataType::kFloat8e5m2, {-2048, -2.5, 0.75, 2048});
  expect(DataType::kFloat8e5m2fnuz, {-2048, -2.5, 0.75, 2048});
  expect(DataType::kFloat4e2m1, {-6, -3, 1, 6});
}

TEST(QuantizeLinear, OutOfRangeIsNoNumberWithoutSaturation) {
  const Tensor y =
      run_operator("QuantizeLinear", {tensor_of(kFloat, {1}, {1e6}), Tensor::scalar(1.0f)},
                   {{"output_dtype", number(DataType::kFloat8e4m3fn)}, {"saturate", int64_t{0}}});
  EXPECT_TRUE(std::isnan(elements(y)[0]));
}

TEST(QuantizeLinear, TakesAScaleForEachBlockTheLastOneShort) {
  const Tensor x = tensor_of(kFloat, {2, 5}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Tensor scale = tensor_of(kFloat, {2, 3}, {1, 2, 4, .5, .25, .1});
  const Tensor y =
      run_operator("QuantizeLinear", {x, scale}, {{"axis", int64_t{-1}}, {"block_size", int64_t{2}}});
  EXPECT_THAT(elements(y), ElementsAre(0, 1, 1, 2, 1, 10, 12, 28, 32, 90));
}

TEST(QuantizeLinear, DividesInTheStatedPrecision) {
  const Tensor x = tensor_of(kFloat, {3}, {1, 2049, 1000});
  const auto quantise = [&](DataType precision) {
    return elements(
        run_operator("QuantizeLinear", {x, Tensor::scalar(0.3f)},
                     {{"output_dtype", number(DataType::kInt16)}, {"precision", number(precision)}}));
  };
  EXPECT_THAT(quantise(DataType::kFloat16), ElementsAre(3, 6824, 3332));
  EXPECT_THAT(quantise(kFloat), ElementsAre(3, 6830, 3333));
}

TEST(QuantizeLinear, TakesIntegersAndEmptyTensors) {
  const Tensor x = tensor_of(DataType::kInt32, {2, 2}, {10, -3, 7, 100});
  EXPECT_THAT(elements(run_operator("QuantizeLinear", {x, tensor_of(DataType::kInt32, {2}, {2, 4})})),
              ElementsAre(5, 0, 4, 25));
  EXPECT_TRUE(
      run_operator("QuantizeLinear", {Tensor(kFloat, {0, 3}), tensor_of(kFloat, {3}, {1, 1, 1})}).empty());
  EXPECT_THAT(elements(run_operator("QuantizeLinear", {Tensor::scalar(7.0f), Tensor::scalar(2.0f)})),
              ElementsAre(4));
}

TEST(QuantizeLinear, SaysWhatIsWrong) {
  const auto error = [](const Dims& scale, const std::vector<OneOperator::Setting>& settings,
                        const char* text) {
    const Tensor scales =
        tensor_of(kFloat, scale, std::vector<double>(static_cast<size_t>(element_count(scale)), 1));
    EXPECT_THAT([&] { run_operator("QuantizeLinear", {Tensor(kFloat, {2, 6}), scales}, settings); },
                ThrowsMessage<Error>(HasSubstr(text)));
  };
  error({5}, {}, "there are 5 scales, but axis 1 of [2,6] has 6 places");
  error({2}, {{"axis", int64_t{2}}}, "axis 2 is outside");
  error({2, 3}, {}, "block_size is 0");
  error({2, 3}, {{"block_size", int64_t{4}}}, "the scale has shape [2,3], but [2,2] is expected");
  error({2, 3}, {{"block_size", int64_t{-1}}}, "block_size is -1");
  error({}, {{"output_dtype", int64_t{1}}}, "attribute 'output_dtype' is 1");
  error({}, {{"precision", int64_t{99}}}, "attribute 'precision' is 99");
}

TEST(QuantizeLinear, RefusesSizesThatNoMemoryHolds) {
  const Type scales = Type::tensor(kFloat, Shape{3});
  const auto error = [&](const char* op_type, DataType type) {
    const OneOperator operation(op_type, {Type::tensor(type, Shape{int64_t{1} << 62, 4, 3}), scales},
                                {{"axis", int64_t{2}}});
    EXPECT_THAT([&] { operation.output_type(); }, ThrowsMessage<Error>(HasSubstr("is too large")));
  };
  error("QuantizeLinear", kFloat);
  error("DequantizeLinear", DataType::kInt8);
}

TEST(DequantizeLinear, SubtractsZeroPointsAlongAnAxis) {
  const Tensor x = tensor_of(DataType::kUint4, {2, 3}, {0, 5, 15, 1, 2, 3});
  const Tensor y =
      run_operator("DequantizeLinear",
                   {x, tensor_of(DataType::kFloat16, {2}, {.5, 2}), tensor_of(DataType::kUint4, {2}, {1, 2})},
                   {{"axis", int64_t{-2}}});
  EXPECT_EQ(y.type(), DataType::kFloat16);
  EXPECT_THAT(elements(y), ElementsAre(-.5, 2, 7, -2, 0, 2));
}

TEST(DequantizeLinear, ScalesThatArePowersOfTwoNeedAnOutputType) {
  const Tensor x = tensor_of(DataType::kFloat4e2m1, {2}, {-6, .5});
  const Tensor scale = tensor_of(DataType::kFloat8e8m0, {}, {.25});
  EXPECT_THAT(elements(run_operator("DequantizeLinear", {x, scale}, {{"output_dtype", number(kFloat)}})),
              ElementsAre(-1.5, .125));
  EXPECT_THAT([&] { run_operator("DequantizeLinear", {x, scale}); },
              ThrowsMessage<Error>(HasSubstr("'output_dtype' must say its type")));
}

TEST(DequantizeLinear, InfersWithSymbols) {
  const Shape symbols{Dim::symbol("n"), 4};
  const OneOperator operation("DequantizeLinear", {Type::tensor(DataType::kInt8, symbols),
                                                   Type::tensor(DataType::kBfloat16, Shape{})});
  EXPECT_EQ(operation.output_type(), "bf16[n,4]");
}

TEST(DynamicQuantizeLinear, FindsTheScaleThatFits) {
  const Tensor x = tensor_of(kFloat, {4}, {-1, 0, .5, 2});
  const auto output = [&](size_t index) {
    return elements(run_operator("DynamicQuantizeLinear", {x}, {}, index, 3));
  };
  EXPECT_THAT(output(0), ElementsAre(0, 85, 127, 255));
  EXPECT_THAT(output(1), ElementsAre(static_cast<double>(0.0117647061124444f)));
  EXPECT_THAT(output(2), ElementsAre(85));
}

TEST(QuantizedProducts, MatMulIntegerTakesZeroPointsOfRowsAndColumns) {
  const Tensor a = tensor_of(DataType::kUint8, {2, 2}, {1, 2, 3, 4});
  const Tensor b = tensor_of(DataType::kInt8, {2, 3}, {5, -6, 7, 8, 9, -10});
  const Tensor b_zeros = tensor_of(DataType::kInt8, {3}, {1, 2, 3});
  EXPECT_THAT(elements(run_operator("MatMulInteger", {a, b, tensor_of(DataType::kUint8, {}, {2}), b_zeros})),
              ElementsAre(-4, 8, -4, 18, 6, -22));
  // (1 - 1) * 5 + (2 - 1) * 8 and so on, by hand.
  EXPECT_THAT(elements(run_operator("MatMulInteger", {a, b, tensor_of(DataType::kUint8, {2}, {1, 3})})),
              ElementsAre(8, 9, -10, 8, 9, -10));
}

TEST(QuantizedProducts, QLinearMatMulScalesColumns) {
  const Tensor a = tensor_of(DataType::kUint8, {2, 2}, {1, 200, 30, 4});
  const Tensor b = tensor_of(DataType::kInt8, {2, 3}, {5, -6, 70, 8, 90, -10});
  const auto zero = [](double value) { return tensor_of(DataType::kUint8, {}, {value}); };
  const Tensor y = run_operator(
      "QLinearMatMul", {a, Tensor::scalar(.5f), zero(2), b, tensor_of(kFloat, {3}, {.1, .2, .3}),
                        tensor_of(DataType::kInt8, {3}, {1, 2, 3}), Tensor::scalar(2.0f), zero(100)});
  EXPECT_THAT(elements(y), ElementsAre(135, 255, 0, 103, 98, 239));
}

TEST(QuantizedProducts, ConvIntegerTakesZeroPointsOfChannels) {
  const Tensor x = tensor_of(DataType::kUint8, {1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Tensor w = tensor_of(DataType::kUint8, {2, 1, 2, 2}, {1, 2, 3, 4, 250, 0, 7, 9});
  const Tensor y = run_operator(
      "ConvInteger", {x, w, tensor_of(DataType::kUint8, {}, {1}), tensor_of(DataType::kUint8, {2}, {0, 5})},
      {{"pads", std::vector<int64_t>{1, 0, 0, 0}}});
  EXPECT_THAT(elements(y), ElementsAre(4, 11, 27, 37, 57, 67, 4, 10, 17, 263, 755, 1001));
  EXPECT_THAT(
      [&] { run_operator("ConvInteger", {x, w, Tensor(), tensor_of(DataType::kUint8, {3}, {0, 5, 1})}); },
      ThrowsMessage<Error>(
          HasSubstr("the weights' zero point has shape [3], but one entry or [2] is expected")));
}

TEST(QuantizedProducts, QLinearConvAddsTheBiasBeforeScaling) {
  const Tensor x = tensor_of(DataType::kUint8, {1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Tensor w = tensor_of(DataType::kInt8, {2, 1, 2, 2}, {1, 2, 3, 4, -50, 0, 7, 9});
  const Tensor y =
      run_operator("QLinearConv", {x, Tensor::scalar(.5f), tensor_of(DataType::kUint8, {}, {1}), w,
                                   tensor_of(kFloat, {2}, {.2, .1}), tensor_of(DataType::kInt8, {2}, {0, 0}),
                                   Tensor::scalar(.7f), tensor_of(DataType::kUint8, {}, {10}),
                                   tensor_of(DataType::kInt32, {2}, {5, -5})});
  EXPECT_THAT(elements(y), ElementsAre(15, 16, 19, 20, 14, 11, 6, 4));
}

}  // namespace
}  // namespace slipway::ops
