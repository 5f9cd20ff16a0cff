// DFT and STFT. The expected values are NumPy 2's (fft, irfft), in double.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <complex>
#include <numbers>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;

Type doubles(Shape shape) {
  return Type::tensor(DataType::kDouble, std::move(shape));
}

const Type kScalar = Type::tensor(DataType::kInt64, Shape{});

MATCHER(IsCloseInDouble, "") {
  return std::abs(std::get<0>(arg) - std::get<1>(arg)) < 1e-8;
}

void expect_close(const Tensor& tensor, const std::vector<double>& expected) {
  EXPECT_THAT(tensor.data<double>(), Pointwise(IsCloseInDouble(), expected));
}

TEST(Dft, OfAPrimeLengthOneSided) {
  const OneOperator dft("DFT", {doubles({1, 7, 1})}, {{"onesided", int64_t{1}}});
  EXPECT_EQ(dft.output_type(), "f64[1,4,2]");
  expect_close(dft.run({Tensor::from<double>({1, 7, 1}, std::vector<double>{1, 2, -1, 3, 0.5, -2, 4})}),
               {7.5, 0, 2.255110575, -0.495974295, 4.549995306, 4.33831827, -7.055105882, -0.78772082});
}

// By the definition. 37 and 43 are too large for a pass of their own, 31 is the largest that has one.
// largest.
TEST(Dft, IsItsDefinitionForLengthsOfEveryKind) {
  for (const int64_t length : {1, 2, 9, 16, 37, 60, 62, 86, 128, 143}) {
    std::vector<double> signal, expected;
    for (int64_t i = 0; i < 2 * length; ++i) signal.push_back(static_cast<double>(i * i % 17) - 8);
    for (int64_t k = 0; k < length; ++k) {
      std::complex<double> sum;
      for (int64_t n = 0; n < length; ++n)
        sum += std::complex(signal[static_cast<size_t>(2 * n)], signal[static_cast<size_t>(2 * n + 1)]) *
               std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k * n % length) /
                                   static_cast<double>(length));
      expected.insert(expected.end(), {sum.real(), sum.imag()});
    }
    const OneOperator dft("DFT", {doubles({1, length, 2})});
    SCOPED_TRACE(length);
    expect_close(dft.run({Tensor::from<double>({1, length, 2}, signal)}), expected);
  }
}

TEST(Dft, OfRealNumbersIsExactlySymmetric) {
  const OneOperator dft("DFT", {Type::tensor(DataType::kFloat, Shape{1, 10, 1})});
  const Tensor spectrum =
      dft.run({Tensor::from<float>({1, 10, 1}, std::vector<float>{1, 7, -2, 3, 9, 4, -5, 0.1F, 6, 8})});
  const auto numbers = spectrum.data<float>();
  EXPECT_EQ(numbers[11], 0);
  for (size_t k = 1; k < 5; ++k) {
    EXPECT_EQ(numbers[2 * k], numbers[2 * (10 - k)]);
    EXPECT_EQ(numbers[2 * k + 1], -numbers[2 * (10 - k) + 1]);
  }
}

TEST(Dft, BackToRealNumbersOfOddAndEvenLength) {
  const Tensor half = Tensor::from<double>({1, 3, 2}, std::vector<double>{1, 2, 2, -1, 0.5, 0.25});
  const std::vector<OneOperator::Setting> back{{"onesided", int64_t{1}}, {"inverse", int64_t{1}}};
  const OneOperator even("DFT", {doubles({1, 3, 2})}, back);
  EXPECT_EQ(even.output_type(), "f64[1,4,1]");
  expect_close(even.run({half}), {1.375, 0.625, -0.625, -0.375});
  const OneOperator odd("DFT", {doubles({1, 3, 2}), kScalar}, back);
  expect_close(odd.run({half, Tensor::scalar<int64_t>(5)}),
               {1.2, 0.607054278, -0.055190444, -0.715629949, -0.036233885});
}

TEST(Dft, PadsAlongAnotherAxis) {
  OneOperator dft("DFT", {doubles({3, 2, 1}), kScalar, kScalar});
  dft.know(1, Tensor::scalar<int64_t>(4)).know(2, Tensor::scalar<int64_t>(-3));
  EXPECT_EQ(dft.output_type(), "f64[4,2,2]");
  const Tensor table = Tensor::from<double>({3, 2, 1}, std::vector<double>{1, 2, 3, 4, 5, 6});
  expect_close(dft.run({table, Tensor::scalar<int64_t>(4), Tensor::scalar<int64_t>(-3)}),
               {9, 0, 12, 0, -4, -3, -4, -4, 3, 0, 4, 0, -4, 3, -4, 4});
}

TEST(Dft, OfNoLinesNeedsNoTransform) {
  const OneOperator dft("DFT", {doubles({0, 4, 1}), kScalar});
  EXPECT_EQ(dft.run({Tensor(DataType::kDouble, {0, 4, 1}), Tensor::scalar(int64_t{1} << 30)}).dims(),
            (Dims{0, int64_t{1} << 30, 2}));
}

TEST(Dft, RefusesWhatIsNoSignal) {
  const OneOperator dft("DFT", {doubles({1, 4, 2}), kScalar, kScalar});
  const Tensor signal = Tensor(DataType::kDouble, {1, 4, 2});
  const auto run = [&](int64_t length, int64_t axis) {
    dft.run({signal, Tensor::scalar(length), Tensor::scalar(axis)});
  };
  EXPECT_THAT([&] { run(0, 1); }, ThrowsMessage<Error>(HasSubstr("length 0")));
  EXPECT_THAT([&] { run(4, 2); }, ThrowsMessage<Error>(HasSubstr("no axis of a signal")));
  EXPECT_THAT([&] { run(4, -1); }, ThrowsMessage<Error>(HasSubstr("no axis of a signal")));
  const OneOperator half("DFT", {doubles({1, 4, 2})}, {{"onesided", int64_t{1}}});
  EXPECT_THAT([&] { half.run({signal}); }, ThrowsMessage<Error>(HasSubstr("two sides")));
}

TEST(Stft, FramesBeginEveryStepAndMayBeNone) {
  const OneOperator stft("STFT", {doubles({1, 5, 1}), kScalar, Type(), kScalar}, {{"onesided", int64_t{0}}});
  const Tensor signal = Tensor::from<double>({1, 5, 1}, std::vector<double>{1, 2, 3, 4, 5});
  const Tensor frames =
      stft.run({signal, Tensor::scalar<int64_t>(3), RuntimeValue(), Tensor::scalar<int64_t>(2)});
  EXPECT_EQ(frames.dims(), (Dims{1, 2, 2, 2}));
  expect_close(frames, {3, 0, -1, 0, 9, 0, -1, 0});
  EXPECT_EQ(stft.run({signal, Tensor::scalar<int64_t>(1), RuntimeValue(), Tensor::scalar<int64_t>(6)}).dims(),
            (Dims{1, 0, 6, 2}));
  EXPECT_THAT(
      [&] { stft.run({signal, Tensor::scalar<int64_t>(0), RuntimeValue(), Tensor::scalar<int64_t>(2)}); },
      ThrowsMessage<Error>(HasSubstr("frame_step is 0")));
}

TEST(MelWeightMatrix, RefusesBandsOutsideTheSpectrum) {
  const OneOperator mel("MelWeightMatrix",
                        {kScalar, kScalar, kScalar, Type::tensor(DataType::kFloat, Shape{}),
                         Type::tensor(DataType::kFloat, Shape{})});
  const auto run = [&](float upper) {
    return mel.run({Tensor::scalar<int64_t>(4), Tensor::scalar<int64_t>(16), Tensor::scalar<int64_t>(8000),
                    Tensor::scalar(0.0F), Tensor::scalar(upper)});
  };
  EXPECT_EQ(run(4000).dims(), (Dims{9, 4}));
  EXPECT_THAT([&] { run(9000); }, ThrowsMessage<Error>(HasSubstr("outside the spectrum")));
}

TEST(WindowFunctions, OfNoneAndOneSampleAndInOtherTypes) {
  const OneOperator hann(
      "HannWindow", {kScalar},
      {{"periodic", int64_t{0}}, {"output_datatype", static_cast<int64_t>(DataType::kDouble)}});
  EXPECT_EQ(hann.run({Tensor::scalar<int64_t>(0)}).dims(), Dims{0});
  expect_close(hann.run({Tensor::scalar<int64_t>(1)}), {1});
  expect_close(hann.run({Tensor::scalar<int64_t>(5)}), {0, 0.5, 1, 0.5, 0});
  EXPECT_THAT([&] { hann.run({Tensor::scalar<int64_t>(-1)}); }, ThrowsMessage<Error>(HasSubstr("from 0 on")));
}

}  // namespace
}  // namespace slipway::ops
