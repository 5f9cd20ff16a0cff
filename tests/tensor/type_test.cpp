#include "tensor/type.hpp"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(Type, Text) {
  const Type image = Type::tensor(DataType::kFloat, Shape{1, Dim::symbol("h"), Dim()});
  EXPECT_EQ(Type().to_string(), "?");
  EXPECT_EQ(image.to_string(), "f32[1,h,?]");
  EXPECT_EQ(Type::tensor(DataType::kBfloat16).to_string(), "bf16[...]");
  EXPECT_EQ(Type::sparse_tensor(DataType::kDouble, Shape{2}).to_string(), "sparse f64[2]");
  EXPECT_EQ(Type::sequence(image).to_string(), "seq(f32[1,h,?])");
  EXPECT_EQ(Type::optional(Type::sequence(image)).to_string(), "optional(seq(f32[1,h,?]))");
  EXPECT_EQ(Type::map(DataType::kInt64, Type::tensor(DataType::kString)).to_string(), "map(i64,string[...])");
}

TEST(Type, EqualWhenTheySayTheSame) {
  const auto shaped = [](Dim dim) { return Type::tensor(DataType::kFloat, Shape{dim}); };
  EXPECT_EQ(shaped(Dim::symbol("h+1")), shaped(Dim::symbol("1 + h")));
  EXPECT_EQ(shaped(Dim()), shaped(Dim()));
  EXPECT_FALSE(shaped(Dim()) == shaped(1));
  EXPECT_FALSE(shaped(1) == shaped(Dim()));
  EXPECT_FALSE(shaped(1) == Type::tensor(DataType::kFloat));
  EXPECT_FALSE(shaped(1) == Type::tensor(DataType::kFloat, Shape{1, 1}));
  EXPECT_FALSE(shaped(1) == Type::sequence(shaped(1)));
  EXPECT_EQ(Type::sequence(shaped(1)), Type::sequence(shaped(1)));
  EXPECT_FALSE(Type::sequence(shaped(1)) == Type::optional(shaped(1)));
  EXPECT_EQ(Type(), Type());
}

TEST(DataType, NamesGoBothWays) {
  for (int number = 1; number < kDataTypeCount; ++number) {
    const auto type = static_cast<DataType>(number);
    EXPECT_EQ(data_type_from_name(name_of(type)), type);
    EXPECT_EQ(data_type_from_name(onnx_name_of(type)), type);
    EXPECT_TRUE(is_data_type(number));
  }
  EXPECT_FALSE(is_data_type(0));
  EXPECT_FALSE(is_data_type(-1));
  EXPECT_FALSE(is_data_type(int64_t{1} << 32 | 1));
  EXPECT_FALSE(is_data_type(kDataTypeCount));
  EXPECT_EQ(data_type_from_name("undefined"), std::nullopt);
  EXPECT_EQ(data_type_from_name("float33"), std::nullopt);
}

TEST(DataType, PackedBytesAreRoundedUp) {
  EXPECT_EQ(bytes_for(DataType::kInt4, 3), 2U);
  EXPECT_EQ(bytes_for(DataType::kUint2, 5), 2U);
  EXPECT_EQ(bytes_for(DataType::kFloat4e2m1, 0), 0U);
  EXPECT_EQ(bytes_for(DataType::kComplex128, 2), 32U);
}

}  // namespace
}  // namespace slipway
