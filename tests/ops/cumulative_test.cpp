// The expected values are NumPy 2's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

template <typename T>
OneOperator running(const std::string& name, const Shape& shape, int64_t exclusive = 0, int64_t reverse = 0) {
  return OneOperator(name, {Type::tensor(data_type_of<T>, shape), Type::tensor(DataType::kInt64, Shape{})},
                     {{"exclusive", exclusive}, {"reverse", reverse}});
}

TEST(Cumulative, ProductsOfEveryKind) {
  const Tensor numbers = Tensor::from<int32_t>({4}, std::vector<int32_t>{2, -3, 4, 5});
  const auto run = [&](int64_t exclusive, int64_t reverse) {
    const Tensor products =
        running<int32_t>("CumProd", {4}, exclusive, reverse).run({numbers, Tensor::scalar<int64_t>(-1)});
    return std::vector<int32_t>(products.data<int32_t>().begin(), products.data<int32_t>().end());
  };
  EXPECT_THAT(run(0, 0), ElementsAre(2, -6, -24, -120));
  EXPECT_THAT(run(1, 0), ElementsAre(1, 2, -6, -24));
  EXPECT_THAT(run(0, 1), ElementsAre(-120, -60, 20, 5));
  EXPECT_THAT(run(1, 1), ElementsAre(-60, 20, 5, 1));
}

TEST(Cumulative, SmallFloatsAreRoundedOnceAnElement) {
  // Added in bf16, 256 + 1 stays 256.
  const std::vector<Bfloat16> values{Bfloat16(256), Bfloat16(1), Bfloat16(1), Bfloat16(2)};
  const Tensor sums =
      running<Bfloat16>("CumSum", {4}).run({Tensor::from<Bfloat16>({4}, values), Tensor::scalar<int64_t>(0)});
  EXPECT_THAT(sums.data<Bfloat16>(), ElementsAre(Bfloat16(256), Bfloat16(256), Bfloat16(258), Bfloat16(260)));
}

TEST(Cumulative, NothingStaysNothing) {
  EXPECT_EQ(running<float>("CumSum", {2, 0, 3})
                .run({Tensor(DataType::kFloat, {2, 0, 3}), Tensor::scalar<int64_t>(1)})
                .dims(),
            (Dims{2, 0, 3}));
}

TEST(Cumulative, SaysWhatIsWrong) {
  const Tensor input(DataType::kFloat, {2, 3});
  OneOperator sum = running<float>("CumSum", {2, 3});
  EXPECT_EQ(sum.output_type(), "f32[2,3]");
  EXPECT_THAT([&] { sum.run({input, Tensor::scalar<int64_t>(2)}); }, ThrowsMessage<Error>(HasSubstr("axis")));
  EXPECT_THAT([&] { sum.run({input, integers({0, 1})}); },
              ThrowsMessage<Error>(HasSubstr("input 'axis' has 2 elements, but one was expected")));
  sum.know(1, Tensor::scalar<int64_t>(-3));
  EXPECT_THAT([&] { sum.output_type(); }, ThrowsMessage<Error>(HasSubstr("axis")));
}

}  // namespace
}  // namespace slipway::ops
