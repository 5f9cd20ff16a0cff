// Cast between any two numbers' types.
#include "ops/cast.hpp"

#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

constexpr DataType kTypes[] = {DataType::kBool,   DataType::kInt8,    DataType::kUint8,    DataType::kInt16,
                               DataType::kUint16, DataType::kInt32,   DataType::kUint32,   DataType::kInt64,
                               DataType::kUint64, DataType::kFloat16, DataType::kBfloat16, DataType::kFloat,
                               DataType::kDouble};

// Any bits, and then numbers of every size: some that fit into any type, those beside the limits of
// integers, and those that lie between two numbers of 16 bits or close to the middle.
Tensor numbers(DataType type, std::mt19937& random) {
  std::vector<double> values{0.0,      -0.0,      0.49, -0.5, 0.99,  -0.99,
                             INFINITY, -INFINITY, NAN,  -NAN, 1e300, -1e-300};
  for (int exponent = -30; exponent < 70; ++exponent)
    for (double factor :
         {1.0, 1 + 0x1p-8, 1 + 0x1p-11, 1 + 0x1p-8 + 0x1p-40, 1 + 0x1p-11 - 0x1p-40, 1 - 0x1p-25})
      for (double sign : {1.0, -1.0}) values.push_back(sign * std::ldexp(factor, exponent));
  for (int i = -300; i < 300; ++i) values.push_back(i * 0.75);
  const auto some =
      Tensor::from<double>({static_cast<int64_t>(values.size())}, std::span<const double>(values));
  const Tensor cast = ops::cast_elements(some, type), bits = random_bits(type, {40000}, random);
  Tensor all(type, {cast.count() + bits.count()});
  std::memcpy(all.raw(), cast.raw(), cast.bytes());
  std::memcpy(static_cast<std::byte*>(all.raw()) + cast.bytes(), bits.raw(), bits.bytes());
  return all;
}

class CastTest : public testing::TestWithParam<int> {};

TEST_P(CastTest, LikeTheReferenceToAnyType) {
  const DataType from = kTypes[GetParam()];
  for (DataType to : kTypes) {
    GraphMaker maker;
    const Tensor tensor = numbers(from, maker.random);
    Node* node =
        maker.node("Cast", {add_input(maker, tensor)}, {{"to", static_cast<int64_t>(to)}})->producer();
    expect_identical(maker, *node, {tensor}, from != to);
  }
}

INSTANTIATE_TEST_SUITE_P(Types, CastTest, testing::Range(0, 13));

// Every f16 and bf16, and what lies beside each of them and beside the middle of each two.
TEST(Cast, RoundsToHalfPrecision) {
  for (DataType half : {DataType::kFloat16, DataType::kBfloat16})
    for (DataType wide : {DataType::kFloat, DataType::kDouble}) {
      std::vector<uint16_t> bits(1 << 16);
      for (size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<uint16_t>(i);
      Tensor all(half, {static_cast<int64_t>(bits.size())});
      std::memcpy(all.raw(), bits.data(), all.bytes());
      const Tensor exact = ops::cast_elements(all, DataType::kDouble);
      std::vector<double> values;
      for (size_t i = 0; i + 1 < bits.size(); ++i) {
        const double low = exact.data<double>()[i], middle = low / 2 + exact.data<double>()[i + 1] / 2;
        for (double value : {low, middle})
          values.insert(values.end(), {value, std::nextafter(value, INFINITY), value * (1 - 0x1p-22)});
      }
      const Tensor doubles =
          Tensor::from<double>({static_cast<int64_t>(values.size())}, std::span<const double>(values));
      for (const auto& [from, to] : {std::pair(wide, half), std::pair(half, wide)}) {
        GraphMaker maker;
        const Tensor tensor = from == half ? all : ops::cast_elements(doubles, wide);
        Node* node =
            maker.node("Cast", {add_input(maker, tensor)}, {{"to", static_cast<int64_t>(to)}})->producer();
        expect_identical(maker, *node, {tensor});
      }
    }
}

}  // namespace
}  // namespace slipway::engine
