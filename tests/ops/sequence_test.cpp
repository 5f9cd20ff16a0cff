// Sequences and optionals. The expected values follow from the standard's text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const Type kList = Type::tensor(DataType::kInt64, Shape{Dim::symbol("n")});
const Type kPosition = Type::tensor(DataType::kInt64, Shape{});

Sequence three() {
  return {integers({1}), integers({2, 2}), integers({3, 3, 3})};
}

Tensor at(int64_t position) {
  const OneOperator pick("SequenceAt", {Type::sequence(kList), kPosition});
  return pick.run({three(), Tensor::scalar(position)});
}

TEST(Sequence, PositionsCountFromBothEnds) {
  EXPECT_TRUE(identical(at(0), integers({1})));
  EXPECT_TRUE(identical(at(-1), integers({3, 3, 3})));
  EXPECT_THAT([] { at(3); }, ThrowsMessage<Error>(HasSubstr("position 3 is outside [-3, 2]")));
  EXPECT_THAT([] { at(-4); }, ThrowsMessage<Error>(HasSubstr("outside")));
}

TEST(Sequence, TypesOfElementsAreWidened) {
  const OneOperator construct("SequenceConstruct", {Type::tensor(DataType::kFloat, Shape{2, 3}),
                                                    Type::tensor(DataType::kFloat, Shape{2, 4})});
  EXPECT_EQ(construct.output_type(), "seq(f32[2,?])");
  const OneOperator mixed("SequenceConstruct", {kPosition, Type::tensor(DataType::kFloat, Shape{})});
  EXPECT_THAT([&] { mixed.output_type(); }, ThrowsMessage<Error>(HasSubstr("the same")));
}

TEST(Sequence, AnEmptyOneHasNothingToEraseOrConcatenate) {
  const OneOperator erase("SequenceErase", {Type::sequence(kList)});
  EXPECT_THAT([&] { erase.run({RuntimeValue(Sequence())}); }, ThrowsMessage<Error>(HasSubstr("empty")));
  const OneOperator concat("ConcatFromSequence", {Type::sequence(kList)}, {{"axis", int64_t{0}}});
  EXPECT_THAT([&] { concat.run({RuntimeValue(Sequence())}); }, ThrowsMessage<Error>(HasSubstr("empty")));
  const OneOperator length("SequenceLength", {Type::sequence(kList)});
  EXPECT_EQ(length.run({RuntimeValue(Sequence())}).data<int64_t>()[0], 0);
}

TEST(Sequence, ConcatenatesAlongOldAndNewAxes) {
  const OneOperator join("ConcatFromSequence", {Type::sequence(kList)}, {{"axis", int64_t{-1}}});
  EXPECT_TRUE(identical(join.run({RuntimeValue(three())}), integers({1, 2, 2, 3, 3, 3})));
  EXPECT_EQ(join.output_type(), "i64[?]");
  const OneOperator stack("ConcatFromSequence", {Type::sequence(kList)},
                          {{"axis", int64_t{-1}}, {"new_axis", int64_t{1}}});
  const Tensor stacked = stack.run({RuntimeValue(Sequence{integers({1, 2}), integers({3, 4})})});
  EXPECT_EQ(stacked.dims(), (Dims{2, 2}));
  EXPECT_THAT(stacked.data<int64_t>(), ElementsAre(1, 3, 2, 4));
  EXPECT_THAT([&] { stack.run({RuntimeValue(three())}); },
              ThrowsMessage<Error>(HasSubstr("differ in shape")));
}

TEST(SplitToSequence, RefusesPartsThatDoNotFit) {
  const OneOperator split("SplitToSequence", {kList, kPosition});
  EXPECT_THAT([&] { split.run({integers({1, 2}), Tensor::scalar<int64_t>(0)}); },
              ThrowsMessage<Error>(HasSubstr("1 or more")));
  const OneOperator parts("SplitToSequence", {kList, kList});
  EXPECT_THAT([&] { parts.run({integers({1, 2}), integers({1, 2})}); },
              ThrowsMessage<Error>(HasSubstr("do not split")));
  EXPECT_EQ(split.output_type(), "seq(i64[?])");
}

TEST(Optional, AnEmptyOneHasNoElement) {
  const OneOperator has("OptionalHasElement", {Type::optional(kList)});
  EXPECT_FALSE(has.run({RuntimeValue()}).data<bool>()[0]);
  EXPECT_TRUE(has.run({integers({1})}).data<bool>()[0]);
  const OneOperator get("OptionalGetElement", {Type::optional(kList)});
  EXPECT_EQ(get.output_type(), "i64[n]");
  EXPECT_TRUE(identical(get.run({integers({1})}), integers({1})));
  EXPECT_THAT([&] { get.run({RuntimeValue()}); }, ThrowsMessage<Error>(HasSubstr("empty")));
}

}  // namespace
}  // namespace slipway::ops
