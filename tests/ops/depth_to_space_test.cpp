// The expected values are those of ONNX 1.22's reference evaluator for the numbers 0, 1, 2, … as [2,8,1,3];
// ONNX Runtime gives the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::ThrowsMessage;

OneOperator depth_to_space(const Type& input, int64_t block, const std::string& mode = "DCR") {
  return OneOperator("DepthToSpace", {input}, {{"blocksize", block}, {"mode", mode}});
}

template <typename T>
std::vector<T> spread(const std::string& mode) {
  std::vector<T> numbers(48);
  std::iota(numbers.begin(), numbers.end(), T{0});
  const OneOperator operation = depth_to_space(Type::tensor(data_type_of<T>, Shape{2, 8, 1, 3}), 2, mode);
  const Tensor output = operation.run({Tensor::from<T>({2, 8, 1, 3}, numbers)});
  EXPECT_EQ(output.dims(), (Dims{2, 2, 2, 6}));
  return {output.data<T>().begin(), output.data<T>().end()};
}

constexpr int kDepthFirst[] = {0,  6,  1,  7,  2,  8,  12, 18, 13, 19, 14, 20, 3,  9,  4,  10,
                               5,  11, 15, 21, 16, 22, 17, 23, 24, 30, 25, 31, 26, 32, 36, 42,
                               37, 43, 38, 44, 27, 33, 28, 34, 29, 35, 39, 45, 40, 46, 41, 47};
constexpr int kColumnFirst[] = {0,  3,  1,  4,  2,  5,  6,  9,  7,  10, 8,  11, 12, 15, 13, 16,
                                14, 17, 18, 21, 19, 22, 20, 23, 24, 27, 25, 28, 26, 29, 30, 33,
                                31, 34, 32, 35, 36, 39, 37, 40, 38, 41, 42, 45, 43, 46, 44, 47};

TEST(DepthToSpace, SpreadsBlocksInBothOrders) {
  EXPECT_THAT(spread<float>("DCR"), ElementsAreArray(kDepthFirst));
  EXPECT_THAT(spread<float>("CRD"), ElementsAreArray(kColumnFirst));
}

TEST(DepthToSpace, MovesOtherElements) {
  EXPECT_THAT(spread<uint8_t>("CRD"), ElementsAreArray(kColumnFirst));
  EXPECT_THAT(spread<double>("DCR"), ElementsAreArray(kDepthFirst));
  const OneOperator words = depth_to_space(Type::tensor(DataType::kString, Shape{1, 4, 1, 1}), 2);
  const Tensor output =
      words.run({Tensor::from<std::string>({1, 4, 1, 1}, std::vector<std::string>{"a", "b", "c", "d"})});
  EXPECT_EQ(output.dims(), (Dims{1, 1, 2, 2}));
  EXPECT_EQ(output.data<Text>()[2], "c");
}

TEST(DepthToSpace, ABlockOfOneChangesNothing) {
  const OneOperator same = depth_to_space(Type::tensor(DataType::kFloat, Shape{1, 3, 1, 1}), 1);
  const Tensor input = Tensor::from<float>({1, 3, 1, 1}, std::vector<float>{1, 2, 3});
  EXPECT_TRUE(identical(same.run({input}), input));
}

TEST(DepthToSpace, ChannelsOfAPlaceStandTogetherUnlessStated) {
  const OneOperator plain("DepthToSpace", {Type::tensor(DataType::kFloat, Shape{1, 8, 1, 1})},
                          {{"blocksize", int64_t{2}}});
  const Tensor input = Tensor::from<float>({1, 8, 1, 1}, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7});
  const Tensor output = plain.run({input});
  EXPECT_THAT(output.data<float>(), ElementsAreArray({0, 2, 4, 6, 1, 3, 5, 7}));
}

TEST(DepthToSpace, AnEmptyPictureStaysEmpty) {
  const OneOperator empty = depth_to_space(Type::tensor(DataType::kFloat, Shape{1, 4, 0, 5}), 2);
  EXPECT_EQ(empty.run({Tensor(DataType::kFloat, {1, 4, 0, 5})}).dims(), (Dims{1, 1, 0, 10}));
}

TEST(DepthToSpace, NoChannelsDivideIntoBlocksOfAnySize) {
  const Type none = Type::tensor(DataType::kFloat, Shape{1, 0, 1, 1});
  EXPECT_EQ(depth_to_space(none, 1 << 15, "CRD").run({Tensor(DataType::kFloat, {1, 0, 1, 1})}).dims(),
            (Dims{1, 0, 1 << 15, 1 << 15}));
  EXPECT_THAT(
      [&] { depth_to_space(none, int64_t{1} << 40, "CRD").run({Tensor(DataType::kFloat, {1, 0, 1, 1})}); },
      testing::Throws<Error>(testing::Property(&Error::code, ErrorCode::kOutOfMemory)));
}

TEST(DepthToSpace, InfersWithSymbols) {
  const Shape symbols{Dim::symbol("n"), 27, Dim::symbol("h"), Dim::symbol("w")};
  EXPECT_EQ(depth_to_space(Type::tensor(DataType::kFloat16, symbols), 3).output_type(), "f16[n,3,3*h,3*w]");
  EXPECT_EQ(depth_to_space(Type::tensor(DataType::kFloat, Shape{1, Dim(), 2, 2}), 2).output_type(),
            "f32[1,?,4,4]");
  EXPECT_EQ(depth_to_space(Type::tensor(DataType::kFloat), 2).output_type(), "f32[?,?,?,?]");
}

TEST(DepthToSpace, SaysWhatIsWrong) {
  const auto error = [](const Shape& shape, int64_t block, const char* mode, const char* text) {
    const OneOperator wrong = depth_to_space(Type::tensor(DataType::kFloat, shape), block, mode);
    EXPECT_THAT([&] { wrong.output_type(); }, ThrowsMessage<Error>(HasSubstr(text)));
    const Tensor input(DataType::kFloat, known_dims(shape));
    EXPECT_THAT([&] { wrong.run({input}); }, ThrowsMessage<Error>(HasSubstr(text)));
  };
  error({1, 8, 2}, 2, "DCR", "the input has 3 axes, but 4 were expected");
  error({1, 6, 2, 2}, 2, "DCR", "6 channels cannot be divided into blocks of 2x2");
  error({1, 6, 2, 2}, int64_t{1} << 40, "CRD", "cannot be divided into blocks");
  error({1, 8, 2, 2}, 0, "DCR", "blocksize is 0, but at least 1 was expected");
  error({1, 8, 2, 2}, 2, "RCD", "mode is 'RCD', but DCR or CRD was expected");
}

TEST(DepthToSpace, ABlockMustBeStated) {
  const OneOperator without("DepthToSpace", {Type::tensor(DataType::kFloat, Shape{1, 4, 1, 1})});
  EXPECT_THAT([&] { without.output_type(); },
              ThrowsMessage<Error>(HasSubstr("attribute 'blocksize' is missing")));
}

}  // namespace
}  // namespace slipway::ops
