// Operators on maps; the expected values are those that ONNX's documentation gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Tensor strings(const std::vector<std::string>& texts) {
  return Tensor::from<std::string>({static_cast<int64_t>(texts.size())}, texts);
}
Tensor floats(const std::vector<float>& values) {
  return Tensor::from<float>({static_cast<int64_t>(values.size())}, values);
}
Type map_of(DataType key) {
  return Type::map(key, Type::tensor(DataType::kFloat));
}

TEST(ZipMap, StatesSequencesOfMaps) {
  const OneOperator zip("ai.onnx.ml:ZipMap", {Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 2})},
                        {{"classlabels_strings", std::vector<std::string>{"a", "b"}}});
  EXPECT_THAT(zip.output_type(), HasSubstr("seq(map("));
  const OneOperator none("ai.onnx.ml:ZipMap", {Type::tensor(DataType::kFloat)});
  EXPECT_THAT([&] { none.output_type(); }, ThrowsMessage<Error>(HasSubstr("must be there, and not both")));
}

TEST(DictVectorizer, PutsValuesAtTheirKeysPlaces) {
  const OneOperator vectorizer("ai.onnx.ml:DictVectorizer", {map_of(DataType::kString)},
                               {{"string_vocabulary", std::vector<std::string>{"a", "c", "b", "z"}}});
  EXPECT_EQ(vectorizer.output_type(), "f32[1,4]");
  EXPECT_THAT(vectorizer.run({Map{strings({"c", "a"}), floats({8, 4})}}).data<float>(),
              ElementsAre(4, 8, 0, 0));
  EXPECT_THAT([&] { vectorizer.run({floats({1})}); }, ThrowsMessage<Error>(HasSubstr("a map was expected")));
}

TEST(CastMap, SparseKeysMustFit) {
  const OneOperator cast("ai.onnx.ml:CastMap", {map_of(DataType::kInt64)},
                         {{"map_form", std::string("SPARSE")}, {"max_map", int64_t{4}}});
  const auto run = [&](int64_t key) {
    return cast.run({Map{Tensor::from<int64_t>({2}, std::vector<int64_t>{key, 0}), floats({5, 6})}});
  };
  EXPECT_THAT(run(2).data<float>(), ElementsAre(6, 0, 5, 0));
  EXPECT_THAT([&] { run(4); }, ThrowsMessage<Error>(HasSubstr("the key 4, but 'max_map' is 4")));
}

TEST(CastMap, KeysAreIntegers) {
  EXPECT_THAT([] { OneOperator("ai.onnx.ml:CastMap", {map_of(DataType::kString)}).output_type(); },
              ThrowsMessage<Error>(HasSubstr("the map's keys are string, but i64 is expected")));
  const OneOperator cast("ai.onnx.ml:CastMap", {map_of(DataType::kInt64)});
  EXPECT_THAT([&] { cast.run({Map{strings({"a", "b"}), floats({5, 6})}}); },
              ThrowsMessage<Error>(HasSubstr("the map's keys are string, but i64 is expected")));
}

TEST(Map, OneValueAKey) {
  EXPECT_THAT([] { RuntimeValue(Map{strings({"a"}), floats({1, 2})}); },
              ThrowsMessage<Error>(HasSubstr("one value a key is expected")));
}

}  // namespace
}  // namespace slipway::ops
