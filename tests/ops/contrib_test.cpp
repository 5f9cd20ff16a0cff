// Shapes and errors of com.microsoft's operators; their numbers are held against ONNX Runtime in
// tests/oracles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Type f32(Shape shape) {
  return Type::tensor(DataType::kFloat, std::move(shape));
}
Type u8(Shape shape) {
  return Type::tensor(DataType::kUint8, std::move(shape));
}

// Bytes 0x21, 0x43 hold 1, 2, 3, 4; the default zero point is 8.
TEST(MatMulNBits, ReadsLowBitsFirst) {
  const OneOperator product(
      "com.microsoft:MatMulNBits", {f32({Dim::symbol("n"), 4}), u8({1, 1, 8}), f32({1, 1})},
      {{"K", int64_t{4}}, {"N", int64_t{1}}, {"bits", int64_t{4}}, {"block_size", int64_t{16}}});
  EXPECT_EQ(product.output_type(), "f32[n,1]");
  const std::vector<uint8_t> bytes{0x21, 0x43, 0, 0, 0, 0, 0, 0};
  const std::vector<float> unit{1, 0, 0, 0, 0, 0, 0, 1};
  const Tensor result =
      product.run({Tensor::from<float>({2, 4}, unit), Tensor::from<uint8_t>({1, 1, 8}, bytes),
                   Tensor::from<float>({1, 1}, std::vector<float>{2})});
  EXPECT_THAT(result.data<float>(), ElementsAre((1 - 8) * 2, (4 - 8) * 2));
}

TEST(MatMulNBits, SaysWhatIsWrong) {
  const auto product = [](int64_t bits, int64_t block, Dims weights) {
    const OneOperator made("com.microsoft:MatMulNBits", {f32({1, 40}), u8({3, 3, 8}), f32({3, 3})},
                           {{"K", int64_t{40}}, {"N", int64_t{3}}, {"bits", bits}, {"block_size", block}});
    made.run({Tensor(DataType::kFloat, {1, 40}), Tensor(DataType::kUint8, std::move(weights)),
              Tensor(DataType::kFloat, {3, 3})});
  };
  EXPECT_NO_THROW(product(4, 16, {3, 3, 8}));
  EXPECT_THAT([&] { product(3, 16, {3, 3, 8}); }, ThrowsMessage<Error>(HasSubstr("2, 4 or 8 was expected")));
  EXPECT_THAT([&] { product(4, 24, {3, 3, 8}); },
              ThrowsMessage<Error>(HasSubstr("a power of two from 16 on")));
  EXPECT_THAT([&] { product(4, 16, {3, 3, 7}); }, ThrowsMessage<Error>(HasSubstr("72 entries are expected")));
}

TEST(GroupQueryAttention, SaysWhatIsWrong) {
  const std::vector<Type> types{f32({1, 2, 8}),
                                f32({1, 2, 4}),
                                f32({1, 2, 4}),
                                Type(),
                                Type(),
                                Type::tensor(DataType::kInt32, Shape{1}),
                                Type::tensor(DataType::kInt32, Shape{1})};
  const auto attend = [&](int32_t last, int32_t all) {
    const OneOperator made("com.microsoft:GroupQueryAttention", types,
                           {{"num_heads", int64_t{2}}, {"kv_num_heads", int64_t{1}}}, 3);
    EXPECT_EQ(made.output_type(), "f32[1,2,8]");
    const Tensor query(DataType::kFloat, {1, 2, 8}), key(DataType::kFloat, {1, 2, 4});
    made.run({query,
              key,
              key,
              {},
              {},
              Tensor::from<int32_t>({1}, std::vector{last}),
              Tensor::from<int32_t>({1}, std::vector{all})});
  };
  EXPECT_NO_THROW(attend(1, 2));
  EXPECT_THAT([&] { attend(4, 5); }, ThrowsMessage<Error>(HasSubstr("seqlens_k has the entry 4")));
  EXPECT_THAT([&] { attend(1, 1); }, ThrowsMessage<Error>(HasSubstr("total_sequence_length is 1")));
  const OneOperator quantised(
      "com.microsoft:GroupQueryAttention", types,
      {{"num_heads", int64_t{2}}, {"kv_num_heads", int64_t{1}}, {"k_quant_type", std::string("PER_TENSOR")}},
      3);
  EXPECT_THAT([&] { quantised.output_type(); }, ThrowsMessage<Error>(HasSubstr("a quantised cache")));
}

TEST(GroupQueryAttention, RefusesMoreHeadsThanCanBeCounted) {
  const Type one = Type::tensor(DataType::kInt32, Shape{1});
  const auto error = [&](int64_t heads, int64_t shared, const char* text) {
    const OneOperator packed("com.microsoft:GroupQueryAttention",
                             {f32({1, 2, 8}), Type(), Type(), Type(), Type(), one, one},
                             {{"num_heads", heads}, {"kv_num_heads", shared}}, 3);
    EXPECT_THAT([&] { packed.output_type(); }, ThrowsMessage<Error>(HasSubstr(text)));
    const Tensor number = Tensor::from<int32_t>({1}, std::vector{2});
    EXPECT_THAT([&] { packed.run({Tensor(DataType::kFloat, {1, 2, 8}), {}, {}, {}, {}, number, number}); },
                ThrowsMessage<Error>(HasSubstr(text)));
  };
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  error(int64_t{1} << 62, int64_t{1} << 62, "num_heads is 4611686018427387904, but at most");
  error(2, kMost, "no multiple of kv_num_heads, 9223372036854775807");
  error(kMost, 1, "num_heads is 9223372036854775807, but at most");
}

TEST(UnfoldTensor, ALoneWindowHasAnyStep) {
  const OneOperator unfold("com.microsoft:UnfoldTensor", {f32({3, 2})},
                           {{"dim", int64_t{0}}, {"size", int64_t{3}}, {"step", int64_t{1} << 62}});
  const Tensor result = unfold.run({Tensor::from<float>({3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6})});
  EXPECT_EQ(result.dims(), (Dims{1, 2, 3}));
  EXPECT_THAT(result.data<float>(), ElementsAre(1, 3, 5, 2, 4, 6));
}

TEST(Inverse, SingularMatrixHasNone) {
  const OneOperator inverse("com.microsoft:Inverse", {f32({2, 2})});
  EXPECT_THAT([&] { inverse.run({Tensor::from<float>({2, 2}, std::vector<float>{1, 2, 2, 4})}); },
              ThrowsMessage<Error>(HasSubstr("has no inverse")));
  const OneOperator oblong("com.microsoft:Inverse", {f32({2, 3})});
  EXPECT_THAT([&] { oblong.output_type(); }, ThrowsMessage<Error>(HasSubstr("square matrices")));
}

}  // namespace
}  // namespace slipway::ops
