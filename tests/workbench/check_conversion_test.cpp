// A converted model against its program: right, wrong in numbers, types, sizes, and one that does not run.
#include "workbench/check_conversion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "workbench/compare/pair_of_models.hpp"

namespace slipway::workbench {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// x f32[rows,4] → its product with numbers, one of which may be wrong; the program states `stated` of it.
Maker product(float wrong = 0, Shape stated = {Dim::symbol("rows"), 4}) {
  Maker maker({"x"}, {Dim::symbol("rows"), 4});
  Tensor weights = numbers({4, 4}, 1);
  weights.data<float>()[5] += wrong;
  Value* value = maker.node("MatMul", {maker.input(), maker.constant(weights)}, "p");
  value->set_type(Type::tensor(DataType::kFloat, std::move(stated)));
  maker.output(value);
  return maker;
}

ConversionCheck check(const Maker& program, const Maker& converted,
                      InputValues inputs = {{"x", numbers({3, 4}, 2)}}) {
  backends::CompileOptions options;
  options.threads = 1;
  options.library = "/no/such/library";  // of ONNX Runtime: tests/oracles/ has it
  return check_conversion({"", program.model}, {"", converted.model}, inputs, options);
}

TEST(CheckConversion, EqualOnesAgree) {
  const ConversionCheck result = check(product(), product());
  EXPECT_TRUE(result.agrees());
  EXPECT_EQ(result.tolerance.relative, 1e-4);
  ASSERT_EQ(result.engines.size(), 2U);
  ASSERT_EQ(result.engines[0].outputs.size(), 1U);
  EXPECT_EQ(result.engines[0].outputs[0].type, "f32[3,4]");
  EXPECT_EQ(result.engines[0].outputs[0].deviation->largest, 0);
  EXPECT_THAT(result.engines[1].absent, HasSubstr("/no/such/library"));
}

TEST(CheckConversion, ADifferenceIsOneFromTheToleranceOn) {
  EXPECT_TRUE(check(product(), product(1e-5F)).agrees());
  const ConversionCheck result = check(product(), product(0.01F));
  EXPECT_FALSE(result.agrees());
  EXPECT_TRUE(result.engines[0].outputs[0].deviation->exceeds);
  EXPECT_GT(result.engines[0].largest(), 1e-4);
}

TEST(CheckConversion, TypesAndSizesAreThoseThatTheProgramStates) {
  const auto stated_of = [](const Maker& program) {
    const ConversionCheck result = check(program, product());
    EXPECT_EQ(result.agrees(), result.engines[0].outputs[0].stated.empty());
    return result.engines[0].outputs[0].stated;
  };
  EXPECT_EQ(stated_of(product(0, {Dim::symbol("rows + 0"), 4})), "");
  EXPECT_EQ(stated_of(product(0, {Dim::symbol("unknown"), Dim()})), "");
  EXPECT_EQ(stated_of(product(0, {Dim::symbol("2*rows"), 4})), "f32[6,4]");
  // The engine itself sees this one.
  EXPECT_THAT([&] { stated_of(product(0, {Dim::symbol("rows"), 4, 1})); },
              ThrowsMessage<Error>(HasSubstr("the file states the type")));
}

TEST(CheckConversion, WhatDoesNotRunDoesNotAgree) {
  Maker other = product();
  other.graph.inputs()[0]->set_type(Type::tensor(DataType::kFloat, Shape{7, 4}));
  const ConversionCheck result = check(product(), other);
  EXPECT_FALSE(result.agrees());
  EXPECT_THAT(result.engines[0].failure, HasSubstr("axis 0 has size 3, but the model takes 7"));
  EXPECT_THAT([&] { check(other, product()); }, ThrowsMessage<Error>(HasSubstr("axis 0 has size 3")));
}

TEST(CheckConversion, RandomNumbersAreOfOneTypeAlone) {
  const auto drawing = [] {
    Maker maker;
    maker.output(maker.node("RandomUniformLike", {maker.input()}, "r"));
    return maker;
  };
  const ConversionCheck result = check(drawing(), drawing(), {{"x", numbers({2, 4}, 2)}});
  EXPECT_TRUE(result.agrees());
  EXPECT_TRUE(result.draws);
  EXPECT_FALSE(result.engines[0].outputs[0].deviation);
}

}  // namespace
}  // namespace slipway::workbench
