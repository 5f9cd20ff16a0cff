// NonZero, Compress, Unique, OneHot, ReverseSequence, CenterCropPad, BitCast, Det and SpaceToDepth where the
// standard's tests and tests/types do not reach. The expected values are NumPy 2's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(NonZero, OfAScalarHasNoRows) {
  const OneOperator scalar("NonZero", {Type::tensor(DataType::kFloat, Shape{})});
  EXPECT_EQ(scalar.output_type(), "i64[0,?]");
  EXPECT_EQ(scalar.run({Tensor::scalar(2.0F)}).dims(), (Dims{0, 1}));
  EXPECT_EQ(scalar.run({Tensor::scalar(0.0F)}).dims(), (Dims{0, 0}));
}

TEST(NonZero, FindsWordsAndNaNButNoZeroOfEitherSign) {
  const OneOperator words("NonZero", {Type::tensor(DataType::kString, Shape{3})});
  EXPECT_THAT(words.run({tensor<std::string>({3}, {"", "a", ""})}).data<int64_t>(), ElementsAre(1));
  const OneOperator halves("NonZero", {Type::tensor(DataType::kFloat16, Shape{3})});
  EXPECT_THAT(halves.run({tensor<Float16>({3}, {Float16(-0.0), Float16(NAN), Float16(0)})}).data<int64_t>(),
              ElementsAre(1));
}

TEST(Compress, AConditionMayBeShortButNotChooseWhatIsNotThere) {
  const OneOperator rows("Compress",
                         {Type::tensor(DataType::kFloat, Shape{2, 2}), Type::tensor(DataType::kBool)},
                         {{"axis", int64_t{-2}}});
  EXPECT_EQ(rows.output_type(), "f32[?,2]");
  const Tensor input = tensor<float>({2, 2}, {1, 2, 3, 4});
  EXPECT_THAT(rows.run({input, Tensor::from<bool>({1}, std::array{true})}).data<float>(), ElementsAre(1, 2));
  EXPECT_THAT(rows.run({input, Tensor::from<bool>({3}, std::array{false, true, false})}).data<float>(),
              ElementsAre(3, 4));
  EXPECT_THAT([&] { rows.run({input, Tensor::from<bool>({3}, std::array{false, true, true})}); },
              ThrowsMessage<Error>(HasSubstr("the condition chooses row 2, but there are 2")));
}

TEST(Unique, NaNEqualsNaNAndZerosAreOne) {
  const OneOperator unique("Unique", {Type::tensor(DataType::kDouble, Shape{6})}, {}, 4);
  EXPECT_EQ(unique.output_type(), "f64[?]");
  const std::vector<RuntimeValue> input{tensor<double>({6}, {NAN, 2, NAN, -0.0, 0.0, 2})};
  EXPECT_THAT(unique.run(input).data<double>(), ElementsAre(0, 2, testing::IsNan()));
  EXPECT_THAT(unique.run(input, 1).data<int64_t>(), ElementsAre(3, 1, 0));
  EXPECT_THAT(unique.run(input, 2).data<int64_t>(), ElementsAre(2, 1, 2, 0, 0, 1));
  EXPECT_THAT(unique.run(input, 3).data<int64_t>(), ElementsAre(2, 2, 2));
}

TEST(Unique, OrdersComplexNumbersAndWords) {
  using Complex = std::complex<float>;
  const OneOperator numbers("Unique", {Type::tensor(DataType::kComplex64, Shape{4})}, {}, 3);
  const std::vector<RuntimeValue> input{
      tensor<Complex>({4}, {Complex(1, 2), Complex(1, 1), Complex(0, 5), Complex(1, 2)})};
  EXPECT_THAT(numbers.run(input).data<Complex>(), ElementsAre(Complex(0, 5), Complex(1, 1), Complex(1, 2)));
  EXPECT_THAT(numbers.run(input, 2).data<int64_t>(), ElementsAre(2, 1, 0, 2));
  const OneOperator words("Unique", {Type::tensor(DataType::kString, Shape{3})}, {{"sorted", int64_t{0}}});
  EXPECT_THAT(words.run({tensor<std::string>({3}, {"b", "a", "b"})}).data<Text>(), ElementsAre("b", "a"));
}

TEST(Unique, OfNothing) {
  const OneOperator unique("Unique", {Type::tensor(DataType::kFloat, Shape{0})}, {}, 4);
  for (size_t output : {0u, 1u, 2u, 3u})
    EXPECT_EQ(unique.run({Tensor(DataType::kFloat, {0})}, output).dims(), Dims{0});
}

TEST(OneHot, IgnoresIndicesOutsideTheDepth) {
  OneOperator hot("OneHot",
                  {Type::tensor(DataType::kFloat, Shape{3}), Type::tensor(DataType::kInt32, Shape{1}),
                   Type::tensor(DataType::kString, Shape{2})});
  const Tensor depth = tensor<int32_t>({1}, {2}), values = tensor<std::string>({2}, {"off", "on"});
  EXPECT_THAT(hot.run({tensor<float>({3}, {-1.9F, 2, -3}), depth, values}).data<Text>(),
              ElementsAre("off", "on", "off", "off", "off", "off"));
  EXPECT_EQ(hot.output_type(), "string[3,?]");
  hot.know(1, depth);
  EXPECT_EQ(hot.output_type(), "string[3,2]");
  EXPECT_THAT([&] { hot.run({Tensor(DataType::kFloat, {3}), tensor<int32_t>({1}, {-1}), values}); },
              ThrowsMessage<Error>(HasSubstr("the depth is -1")));
}

TEST(ReverseSequence, SaysWhatIsWrong) {
  const auto reverse = [](int64_t batch_axis, int64_t time_axis) {
    return OneOperator(
        "ReverseSequence",
        {Type::tensor(DataType::kFloat, Shape{2, 3}), Type::tensor(DataType::kInt64, Shape{2})},
        {{"batch_axis", batch_axis}, {"time_axis", time_axis}});
  };
  const Tensor input(DataType::kFloat, {2, 3});
  EXPECT_THAT([&] { reverse(1, 1).output_type(); }, ThrowsMessage<Error>(HasSubstr("one must be 0")));
  EXPECT_THAT([&] { reverse(0, 1).run({input, integers({1, 4})}); },
              ThrowsMessage<Error>(HasSubstr("length 4 of sequence 1 is outside 0 to 3")));
  EXPECT_THAT([&] { reverse(0, 1).run({input, integers({1, 1, 1})}); },
              ThrowsMessage<Error>(HasSubstr("3 lengths were given for a batch of 2")));
}

TEST(CenterCropPad, CutsOneAxisAndPadsAnother) {
  OneOperator crop("CenterCropPad",
                   {Type::tensor(DataType::kInt64, Shape{1, 4}), Type::tensor(DataType::kInt64, Shape{2})},
                   {{"axes", std::vector<int64_t>{-1, 0}}});
  const Tensor input = integers({1, 2, 3, 4}).reshaped({1, 4});
  EXPECT_THAT(crop.run({input, integers({1, 2})}).data<int64_t>(), ElementsAre(2, 0));
  EXPECT_THAT(crop.run({input, integers({3, 3})}).data<int64_t>(), ElementsAre(0, 0, 0, 1, 2, 3, 0, 0, 0));
  EXPECT_THAT([&] { crop.run({input, integers({1})}); },
              ThrowsMessage<Error>(HasSubstr("1 sizes were given for 2 axes")));
  EXPECT_THAT([&] { crop.run({input, integers({1, -1})}); }, testing::Throws<Error>());
  crop.know(1, integers({3, 2}));
  EXPECT_EQ(crop.output_type(), "i64[2,3]");
}

TEST(Pad, SaysWhatIsWrong) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  const auto error = [](const Dim& size, const std::vector<int64_t>& pads, const std::vector<int64_t>& axes,
                        const char* text) {
    OneOperator pad(
        "Pad", {Type::tensor(DataType::kFloat, Shape{size}), Type::tensor(DataType::kInt64, Shape(1)), Type(),
                Type::tensor(DataType::kInt64, Shape(1))});
    pad.know(1, integers(pads)).know(3, integers(axes));
    EXPECT_THAT([&] { pad.output_type(); }, ThrowsMessage<Error>(HasSubstr(text)));
  };
  error(4, {kMost, 1, 0, 0}, {0, 0}, "a pad of 9223372036854775807 is too large");
  error(4, {1, 1, 0, 0}, {0, -1}, "name axis 0 twice");
  error(Dim::symbol("n"), {kMost, kMost}, {0}, "is too large");
  error(Dim::symbol("n"), {kLeast, 0}, {0}, "is too large");
  error(kMost, {1, 0}, {0}, "an axis of size 9223372036854775807 is too large");
  error(4, {-3, -2}, {0}, "leave nothing of an axis of size 4");
}

TEST(BitCast, KeepsTheBits) {
  const auto cast = [](DataType from, DataType to) {
    return OneOperator("BitCast", {Type::tensor(from, Shape{1})}, {{"to", static_cast<int64_t>(to)}});
  };
  const Tensor bits = cast(DataType::kFloat, DataType::kUint32).run({tensor<float>({1}, {-1.5F})});
  EXPECT_THAT(bits.data<uint32_t>(), ElementsAre(std::bit_cast<uint32_t>(-1.5F)));
  EXPECT_THAT(cast(DataType::kUint8, DataType::kBool).run({tensor<uint8_t>({1}, {2})}).data<bool>(),
              ElementsAre(true));
  EXPECT_THAT([&] { cast(DataType::kFloat, DataType::kInt64).output_type(); },
              ThrowsMessage<Error>(HasSubstr("have not as many bits")));
}

TEST(Det, SwapsRowsAndKnowsTheEmptyMatrix) {
  const auto det = [](const Dims& dims, const std::vector<double>& values) {
    const OneOperator operation("Det", {Type::tensor(DataType::kDouble, Shape(dims.begin(), dims.end()))});
    const Tensor result = operation.run({tensor<double>(dims, values)});
    return std::vector<double>(result.data<double>().begin(), result.data<double>().end());
  };
  EXPECT_THAT(det({3, 3}, {0, 4, 1, 2, 1, 3, 5, 2, 1}), ElementsAre(testing::DoubleEq(51)));
  EXPECT_THAT(det({2, 1, 1}, {7, 0}), ElementsAre(7, 0));
  EXPECT_THAT(det({2, 0, 0}, {}), ElementsAre(1, 1));
  EXPECT_TRUE(det({0, 2, 2}, {}).empty());
  const OneOperator oblong("Det", {Type::tensor(DataType::kDouble, Shape{2, 3})});
  EXPECT_THAT([&] { oblong.output_type(); }, ThrowsMessage<Error>(HasSubstr("are not square")));
}

TEST(SpaceToDepth, NothingDividesIntoBlocksOfAnySize) {
  const OneOperator gather("SpaceToDepth", {Type::tensor(DataType::kFloat, Shape{1, 1, 0, Dim()})},
                           {{"blocksize", int64_t{1} << 33}});
  EXPECT_THAT([&] { gather.run({Tensor(DataType::kFloat, {1, 1, 0, int64_t{1} << 33})}); },
              testing::Throws<Error>(testing::Property(&Error::code, ErrorCode::kOutOfMemory)));
}

TEST(SpaceToDepth, GathersBlocks) {
  const OneOperator gather("SpaceToDepth", {Type::tensor(DataType::kFloat, Shape{1, 1, 2, Dim::symbol("w")})},
                           {{"blocksize", int64_t{2}}});
  EXPECT_EQ(gather.output_type(), "f32[1,4,1,floor(w/2)]");
  const Tensor input = tensor<float>({1, 1, 2, 4}, {0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_THAT(gather.run({input}).data<float>(), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
  EXPECT_THAT([&] { gather.run({Tensor(DataType::kFloat, {1, 1, 2, 3})}); },
              ThrowsMessage<Error>(HasSubstr("a plane's side of 3 cannot be divided into blocks of 2")));
}

}  // namespace
}  // namespace slipway::ops
