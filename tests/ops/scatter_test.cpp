// The expected values are computed by hand and agree with ONNX 1.22's reference evaluator. tests/types holds
// every type against NumPy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

OneOperator operation(const std::string& name, DataType type, size_t data_rank, size_t indices_rank,
                      const std::string& reduction) {
  return OneOperator(name,
                     {Type::tensor(type, Shape(data_rank)),
                      Type::tensor(DataType::kInt64, Shape(indices_rank)), Type::tensor(type)},
                     {{"reduction", reduction}});
}

// Into 5, 3, 1: an index that occurs twice, and a negative one.
std::vector<float> scattered(const std::string& reduction) {
  const Tensor result =
      operation("ScatterElements", DataType::kFloat, 1, 1, reduction)
          .run({tensor<float>({3}, {5, 3, 1}), integers({0, 0, -1}), tensor<float>({3}, {2, 4, NAN})});
  return {result.data<float>().begin(), result.data<float>().end()};
}

TEST(ScatterElements, CombinesInOrder) {
  EXPECT_THAT(scattered("none"), ElementsAre(4, 3, testing::IsNan()));
  EXPECT_THAT(scattered("add"), ElementsAre(11, 3, testing::IsNan()));
  EXPECT_THAT(scattered("mul"), ElementsAre(40, 3, testing::IsNan()));
  EXPECT_THAT(scattered("max"), ElementsAre(5, 3, testing::IsNan()));
  EXPECT_THAT(scattered("min"), ElementsAre(2, 3, testing::IsNan()));
}

TEST(ScatterElements, CombinesEveryKindOfElement) {
  const OneOperator bools = operation("ScatterElements", DataType::kBool, 1, 1, "add");
  EXPECT_THAT(bools
                  .run({Tensor::from<bool>({2}, std::array{true, false}), integers({0, 1}),
                        Tensor::from<bool>({2}, std::array{true, true})})
                  .data<bool>(),
              ElementsAre(true, true));
  const OneOperator bytes = operation("ScatterElements", DataType::kUint8, 1, 1, "add");
  EXPECT_THAT(
      bytes.run({tensor<uint8_t>({1}, {255}), integers({0}), tensor<uint8_t>({1}, {2})}).data<uint8_t>(),
      ElementsAre(1));
  using Complex = std::complex<float>;
  const Tensor one = tensor<Complex>({1}, {Complex(0, 1)});
  const OneOperator products = operation("ScatterElements", DataType::kComplex64, 1, 1, "mul");
  EXPECT_THAT(products.run({one, integers({0}), one}).data<Complex>(), ElementsAre(Complex(-1, 0)));
  const OneOperator order = operation("ScatterElements", DataType::kComplex64, 1, 1, "max");
  EXPECT_THAT([&] { order.run({one, integers({0}), one}); },
              ThrowsMessage<Error>(HasSubstr("have no order")));
  const Tensor word = tensor<std::string>({1}, {"a"});
  EXPECT_THAT(
      [&] { operation("ScatterElements", DataType::kString, 1, 1, "add").run({word, integers({0}), word}); },
      ThrowsMessage<Error>(HasSubstr("does not take elements of type string")));
}

TEST(ScatterElements, SaysWhatIsWrong) {
  const auto error = [](const Tensor& indices, const Tensor& updates, const char* text) {
    EXPECT_THAT(
        [&] {
          operation("ScatterElements", DataType::kFloat, 1, 1, "none")
              .run({Tensor(DataType::kFloat, {3}), indices, updates});
        },
        ThrowsMessage<Error>(HasSubstr(text)));
  };
  error(integers({3}), Tensor(DataType::kFloat, {1}), "index 3 is outside axis 0");
  error(integers({-4}), Tensor(DataType::kFloat, {1}), "index -4 is outside axis 0");
  error(integers({0, 1}), Tensor(DataType::kFloat, {1}), "the updates have shape [1], but [2] was expected");
  error(integers({0}).reshaped({1, 1}), Tensor(DataType::kFloat, {1, 1}), "rank 1 was expected");
  const OneOperator sum = operation("ScatterElements", DataType::kFloat, 1, 1, "sum");
  EXPECT_THAT([&] { sum.output_type(); }, ThrowsMessage<Error>(HasSubstr("reduction is 'sum'")));
}

TEST(ScatterND, RowsOfAnyWidth) {
  const Tensor data = tensor<float>({2, 2}, {1, 2, 3, 4});
  const OneOperator plain = operation("ScatterND", DataType::kFloat, 2, 2, "add");
  EXPECT_THAT(
      plain.run({data, integers({1}).reshaped({1, 1}), tensor<float>({1, 2}, {10, 20})}).data<float>(),
      ElementsAre(1, 2, 13, 24));
  EXPECT_THAT(plain.run({data, integers({-1, 0}).reshaped({1, 2}), tensor<float>({1}, {10})}).data<float>(),
              ElementsAre(1, 2, 13, 4));
  // Rows of no indices name all of it.
  EXPECT_THAT(plain.run({data, Tensor(DataType::kInt64, {1, 0}), tensor<float>({1, 2, 2}, {1, 1, 1, 1})})
                  .data<float>(),
              ElementsAre(2, 3, 4, 5));
}

TEST(ScatterND, SaysWhatIsWrong) {
  const Tensor data(DataType::kFloat, {2, 2});
  const auto error = [&](const Tensor& indices, const Dims& updates, const char* text) {
    EXPECT_THAT(
        [&] {
          operation("ScatterND", DataType::kFloat, 2, 2, "none")
              .run({data, indices, Tensor(DataType::kFloat, updates)});
        },
        ThrowsMessage<Error>(HasSubstr(text)));
  };
  error(integers({0, 2}).reshaped({1, 2}), {1}, "index 2 is outside axis 1");
  error(integers({0, 0, 0}).reshaped({1, 3}), {1}, "rows of 3 indices are too long");
  error(integers({0}).reshaped({1, 1}), {1}, "the updates have shape [1], but [1,2] was expected");
}

TEST(GatherND, BatchAxes) {
  const Type data_type = Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 2, 3});
  const Type row_type = Type::tensor(DataType::kInt64, Shape{Dim::symbol("n"), 1});
  const OneOperator gather("GatherND", {data_type, row_type}, {{"batch_dims", int64_t{1}}});
  EXPECT_EQ(gather.output_type(), "f32[n,3]");
  const Tensor data = tensor<float>({2, 2, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  EXPECT_THAT(gather.run({data, integers({1, 0}).reshaped({2, 1})}).data<float>(),
              ElementsAre(3, 4, 5, 6, 7, 8));
  EXPECT_THAT([&] { gather.run({data, integers({1}).reshaped({1, 1})}); },
              ThrowsMessage<Error>(HasSubstr("batch axis 0 has size 2 in the data, but 1 in the indices")));
  const OneOperator deep("GatherND", {data_type, row_type}, {{"batch_dims", int64_t{2}}});
  EXPECT_THAT([&] { deep.output_type(); }, ThrowsMessage<Error>(HasSubstr("do not fit data")));
  EXPECT_THAT([&] { deep.run({data, integers({1, 0}).reshaped({2, 1})}); },
              ThrowsMessage<Error>(HasSubstr("2 batch axes were asked for")));
}

TEST(TensorScatter, WrapsRoundInACircularCache) {
  const auto cache = [](const std::string& mode) {
    return OneOperator(
        "TensorScatter",
        {Type::tensor(DataType::kFloat, Shape{1, 3, 1}), Type::tensor(DataType::kFloat, Shape{1, 2, 1}),
         Type::tensor(DataType::kInt64, Shape{1})},
        {{"mode", mode}});
  };
  const std::vector<RuntimeValue> inputs{tensor<float>({1, 3, 1}, {1, 2, 3}),
                                         tensor<float>({1, 2, 1}, {8, 9}), integers({5})};
  EXPECT_THAT(cache("circular").run(inputs).data<float>(), ElementsAre(9, 2, 8));
  EXPECT_THAT([&] { cache("linear").run(inputs); },
              ThrowsMessage<Error>(HasSubstr("2 rows from 5 on do not fit into a cache of 3")));
  EXPECT_THAT([&] { cache("round").output_type(); }, ThrowsMessage<Error>(HasSubstr("mode is 'round'")));
}

}  // namespace
}  // namespace slipway::ops
