// Operators of two or three tensors that are broadcast, for other types than f32: every bit is the
// reference's.
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

constexpr DataType kIntegers[] = {DataType::kInt8,  DataType::kUint8,  DataType::kInt16, DataType::kUint16,
                                  DataType::kInt32, DataType::kUint32, DataType::kInt64, DataType::kUint64};

const std::vector<std::pair<Dims, Dims>> kShapes = {{{2, 3, 4, 50}, {2, 3, 4, 50}},
                                                    {{2, 3, 4, 50}, {3, 1, 1}},
                                                    {{2, 3, 4, 50}, {}},
                                                    {{1}, {7, 9}},
                                                    {{4, 1, 6}, {1, 5, 6}},
                                                    {{4, 1}, {1, 70}},
                                                    {{2, 1, 3, 1}, {1, 5, 1, 20}},
                                                    {{1}, {}},
                                                    {{40000}, {40000}},
                                                    {{3, 20000}, {3, 1}}};

// Any bits, of which some are equal on both sides, and NaN without a payload where there may be any.
Tensor operand(DataType type, const Dims& dims, std::mt19937& random) {
  Tensor tensor = random_bits(type, dims, random);
  auto* bytes = static_cast<uint8_t*>(tensor.raw());
  const auto width = static_cast<size_t>(bits_of(type) / 8);
  for (size_t i = 0; i < tensor.bytes(); i += width)
    if (random() % 2) std::fill_n(bytes + i, width, static_cast<uint8_t>(random() % 2));
  const auto clean = [&](auto elements) {
    for (auto& value : elements)
      if (value != value || random() % 16 == 0) value = NAN;
  };
  if (type == DataType::kFloat) clean(tensor.data<float>());
  if (type == DataType::kDouble) clean(tensor.data<double>());
  return tensor;
}

void expect_pairs(const char* op_type, std::vector<DataType> types) {
  for (DataType type : types)
    for (const auto& [a, b] : kShapes) {
      GraphMaker maker;
      const Tensor left = operand(type, a, maker.random), right = operand(type, b, maker.random);
      const std::vector<Value*> inputs{add_input(maker, left), add_input(maker, right)};
      expect_identical(maker, *maker.node(op_type, inputs)->producer(), {left, right});
    }
}

std::vector<DataType> integers_and(std::vector<DataType> more) {
  more.insert(more.end(), std::begin(kIntegers), std::end(kIntegers));
  return more;
}

TEST(Pairs, Arithmetic) {
  for (const char* op_type : {"Add", "Sub", "Mul", "Max", "Min"})
    expect_pairs(op_type, integers_and({DataType::kDouble}));
}

TEST(Pairs, Comparisons) {
  expect_pairs("Equal", integers_and({DataType::kBool, DataType::kFloat, DataType::kDouble}));
  for (const char* op_type : {"Less", "LessOrEqual", "Greater", "GreaterOrEqual"})
    expect_pairs(op_type, integers_and({DataType::kFloat, DataType::kDouble}));
}

TEST(Pairs, Bools) {
  for (const char* op_type : {"And", "Or", "Xor"}) expect_pairs(op_type, {DataType::kBool});
  for (int64_t count : {1, 15, 100, 50000}) {
    GraphMaker maker;
    const Tensor tensor = random_bits(DataType::kBool, {count}, maker.random);
    expect_identical(maker, *maker.node("Not", {add_input(maker, tensor)})->producer(), {tensor});
  }
}

TEST(Pairs, Where) {
  const std::vector<std::array<Dims, 3>> shapes = {
      {{{7, 33}, {7, 33}, {7, 33}}}, {{{7, 33}, {7, 33}, {}}},     {{{7, 33}, {}, {7, 33}}},
      {{{7, 33}, {}, {1, 1}}},       {{{1, 33}, {7, 1}, {7, 33}}}, {{{7, 1}, {33}, {}}},
      {{{7, 1}, {}, {7, 33}}},       {{{}, {5}, {3, 1}}},          {{{40000}, {40000}, {1}}}};
  for (DataType type : {DataType::kBool, DataType::kInt8, DataType::kFloat16, DataType::kFloat,
                        DataType::kInt64, DataType::kComplex64})
    for (const auto& [c, x, y] : shapes) {
      GraphMaker maker;
      const Tensor condition = random_bits(DataType::kBool, c, maker.random);
      const Tensor a = random_bits(type, x, maker.random), b = random_bits(type, y, maker.random);
      const std::vector<Value*> inputs{add_input(maker, condition), add_input(maker, a), add_input(maker, b)};
      expect_identical(maker, *maker.node("Where", inputs)->producer(), {condition, a, b});
    }
}

}  // namespace
}  // namespace slipway::engine
