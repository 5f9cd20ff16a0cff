// The expected values are those of NumPy 2's eye, triu and tril.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr int64_t kFar = int64_t{1} << 62;

TEST(EyeLike, PutsOnesOnADiagonal) {
  const Type type = Type::tensor(DataType::kFloat, Shape{2, 3});
  const OneOperator eye("EyeLike", {type},
                        {{"k", int64_t{1}}, {"dtype", static_cast<int64_t>(DataType::kBool)}});
  EXPECT_EQ(eye.output_type(), "bool[2,3]");
  EXPECT_THAT(eye.run({Tensor(DataType::kFloat, {2, 3})}).data<bool>(),
              ElementsAre(false, true, false, false, false, true));
  const OneOperator same("EyeLike", {type}, {{"k", -kFar}});
  EXPECT_THAT(same.run({Tensor(DataType::kFloat, {2, 3})}).data<float>(), ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST(EyeLike, SaysWhatIsWrong) {
  const OneOperator list("EyeLike", {Type::tensor(DataType::kFloat, Shape{2})});
  EXPECT_THAT([&] { list.output_type(); }, ThrowsMessage<Error>(HasSubstr("a matrix was expected")));
  const OneOperator none("EyeLike", {Type::tensor(DataType::kFloat, Shape{2, 2})}, {{"dtype", int64_t{99}}});
  EXPECT_THAT([&] { none.output_type(); }, ThrowsMessage<Error>(HasSubstr("attribute 'dtype' is 99")));
}

std::vector<int64_t> trilu(int64_t k, int64_t upper) {
  const OneOperator operation(
      "Trilu", {Type::tensor(DataType::kInt64, Shape{2, 2, 3}), Type::tensor(DataType::kInt64, Shape{})},
      {{"upper", upper}});
  const Tensor result = operation.run(
      {integers({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).reshaped({2, 2, 3}), Tensor::scalar(k)});
  return {result.data<int64_t>().begin(), result.data<int64_t>().end()};
}

TEST(Trilu, KeepsOneSideOfADiagonal) {
  EXPECT_THAT(trilu(0, 1), ElementsAre(1, 2, 3, 0, 5, 6, 7, 8, 9, 0, 11, 12));
  EXPECT_THAT(trilu(2, 1), ElementsAre(0, 0, 3, 0, 0, 0, 0, 0, 9, 0, 0, 0));
  EXPECT_THAT(trilu(-1, 0), ElementsAre(0, 0, 0, 4, 0, 0, 0, 0, 0, 10, 0, 0));
  EXPECT_THAT(trilu(1, 0), ElementsAre(1, 2, 0, 4, 5, 6, 7, 8, 0, 10, 11, 12));
  EXPECT_THAT(trilu(kFar, 1), testing::Each(0));
  EXPECT_THAT(trilu(-kFar, 1), testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  EXPECT_THAT(trilu(-kFar, 0), testing::Each(0));
}

TEST(Trilu, ClearsWordsAndTakesNothing) {
  const OneOperator words("Trilu", {Type::tensor(DataType::kString, Shape{1, 2})}, {{"upper", int64_t{0}}});
  EXPECT_THAT(words.run({Tensor::from<std::string>({1, 2}, std::vector<std::string>{"a", "b"})}).data<Text>(),
              ElementsAre("a", ""));
  const OneOperator nothing("Trilu", {Type::tensor(DataType::kFloat, Shape{0, 3})});
  EXPECT_EQ(nothing.run({Tensor(DataType::kFloat, {0, 3})}).dims(), (Dims{0, 3}));
  const OneOperator list("Trilu", {Type::tensor(DataType::kFloat, Shape{3})});
  EXPECT_THAT([&] { list.output_type(); }, ThrowsMessage<Error>(HasSubstr("matrices were expected")));
}

}  // namespace
}  // namespace slipway::ops
