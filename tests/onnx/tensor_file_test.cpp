#include "onnx/tensor_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "onnx/golden_models.hpp"

namespace slipway {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using testing::golden;

TEST(TensorFile, Tensor) {
  const Constant constant = read_tensor_file(golden("tensor.pb"));
  EXPECT_EQ(constant.name, "a");
  EXPECT_THAT(constant.tensor.data<int64_t>(), ElementsAre(1, 2, 3));
}

TEST(TensorFile, SequencesAndOptionals) {
  const Type sequence = Type::sequence(Type());
  const RuntimeValue value = read_value_file(golden("sequence.pb"), sequence);
  ASSERT_EQ(value.sequence().size(), 2u);
  EXPECT_EQ(value.sequence()[1].tensor().describe(), "f32[1,1]");
  const RuntimeValue filled = read_value_file(golden("optional.pb"), Type::optional(sequence));
  EXPECT_EQ(filled.sequence().at(0).tensor().describe(), "i64[3]");
  EXPECT_FALSE(read_value_file(golden("empty_optional.pb"), Type::optional(Type())).has_value());
}

TEST(TensorFile, SaysWhatIsWrong) {
  EXPECT_NE(error_of([] { read_tensor_file("/nowhere.pb"); }), "");
  EXPECT_NE(error_of([] { read_tensor_file(golden("conv.onnx")); }), "");
  EXPECT_NE(error_of([] { read_value_file(golden("tensor.pb"), Type::map(DataType::kInt64, Type())); }), "");
}

}  // namespace
}  // namespace slipway
