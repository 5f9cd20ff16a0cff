// Who is blamed, and who is not.
#include "workbench/compare/compare_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "workbench/compare/pair_of_models.hpp"

namespace slipway::workbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string text_of(const std::vector<std::string>& nodes) {
  std::string text;
  for (const std::string& node : nodes)
    text += (text.empty() ? "" : "+") + node.substr(6, node.find('\'', 6) - 6);
  return text;
}

// "a|b" of each fault: the names of the nodes of A and of B.
std::vector<std::string> blamed(const Comparison& result) {
  std::vector<std::string> texts;
  for (const Fault& fault : result.faults)
    texts.push_back(text_of(fault.nodes_a) + "|" + text_of(fault.nodes_b));
  return texts;
}

// x → p (product) → s (sum) → r → q (product) → t (softmax)
Maker chain(const std::string& prefix = "", float wrong_p = 0, float wrong_q = 0,
            const std::string& r = "Relu", bool with_sum = true) {
  Maker maker;
  Tensor first = numbers({4, 4}, 1), second = numbers({4, 4}, 2);
  first.data<float>()[5] += wrong_p;
  second.data<float>()[5] += wrong_q;
  Value* value = maker.node("MatMul", {maker.input(), maker.constant(first)}, prefix + "p");
  if (with_sum) value = maker.node("Add", {value, maker.constant(numbers({4}, 3))}, prefix + "s");
  value = maker.node(r, {value}, prefix + "r");
  value = maker.node("MatMul", {value, maker.constant(second)}, prefix + "q");
  maker.output(maker.node("Softmax", {value}, prefix + "t"));
  return maker;
}

TEST(CompareModels, EqualOnesAgree) {
  for (const std::string prefix : {"", "other_"}) {
    const Comparison result = compare(chain(), chain(prefix));
    EXPECT_TRUE(result.agrees());
    EXPECT_EQ(result.values.size(), 5U);
    EXPECT_EQ(result.matched_a, 5U);
    for (const ComparedValue& value : result.values) {
      EXPECT_EQ(prefix + value.a, value.b);
      EXPECT_EQ(value.own->largest, 0);
      EXPECT_EQ(value.accumulated->largest, 0);
    }
    EXPECT_TRUE(result.values.back().output);
  }
}

TEST(CompareModels, EveryFaultIsNamedAndNothingElse) {
  for (const std::string prefix : {"", "other_"}) {
    const Comparison result = compare(chain(), chain(prefix, 1, 1));
    EXPECT_THAT(blamed(result), ElementsAre("p|" + prefix + "p", "q|" + prefix + "q"));
    EXPECT_FALSE(result.agrees());
    EXPECT_EQ(result.first_difference()->a, "p");
    ASSERT_EQ(result.faults[0].differences.size(), 1U);
    EXPECT_THAT(result.faults[0].differences[0], HasSubstr("differ in 1 of 16 elements"));
    // What comes after is wrong in sum, not in itself.
    EXPECT_TRUE(result.values[1].accumulated->exceeds);
    EXPECT_EQ(result.values[1].own->largest, 0);
  }
}

TEST(CompareModels, AnotherOperatorIsNamed) {
  EXPECT_THAT(blamed(compare(chain(), chain("", 0, 0, "Tanh"))), ElementsAre("r|r"));
  EXPECT_THAT(blamed(compare(chain(), chain("z", 0, 0, "Tanh"))), ElementsAre("r|zr"));
}

TEST(CompareModels, ANodeMoreOrLessIsNamed) {
  EXPECT_THAT(blamed(compare(chain(), chain("", 0, 0, "Relu", false))), ElementsAre("s|"));
  EXPECT_THAT(blamed(compare(chain("", 0, 0, "Relu", false), chain())), ElementsAre("|s"));
  EXPECT_THAT(blamed(compare(chain(), chain("z", 0, 0, "Relu", false))), ElementsAre("s|"));
  EXPECT_THAT(blamed(compare(chain("", 0, 0, "Relu", false), chain("z"))), ElementsAre("|zs"));
}

// Two factors in a row, or their product: what lies between has no counterpart, and under the first one's
// name stands something else.
Maker scaled(bool folded, float wrong = 0) {
  Maker maker;
  Tensor first = numbers({4}, 4), second = numbers({4}, 5), both(DataType::kFloat, {4});
  for (size_t i = 0; i < 4; ++i) both.data<float>()[i] = first.data<float>()[i] * second.data<float>()[i];
  both.data<float>()[2] += wrong;
  Value* value = maker.node("Mul", {maker.input(), maker.constant(folded ? both : first)}, "first");
  if (!folded) value = maker.node("Mul", {value, maker.constant(second)}, "second");
  value = maker.node("Sin", {value}, "sine");
  maker.output(maker.node("Exp", {value}, "y"));
  return maker;
}

TEST(CompareModels, WhatIsFoldedAgreesAsAWhole) {
  const Comparison folded = compare(scaled(false), scaled(true));
  EXPECT_TRUE(folded.agrees());
  ASSERT_EQ(folded.values.size(), 3U);
  EXPECT_EQ(folded.values[0].a, "second");
  EXPECT_EQ(folded.values[0].b, "first");
  EXPECT_TRUE(compare(scaled(true), scaled(false)).agrees());
  EXPECT_THAT(blamed(compare(scaled(false), scaled(true, 1))), ElementsAre("first+second|first"));
}

// Two products of one input that differ in their weights alone, in either order.
Maker heads(bool swapped, float wrong) {
  Maker maker;
  Tensor of_u = numbers({4, 4}, 6), of_v = numbers({4, 4}, 7);
  of_u.data<float>()[0] += wrong;
  const auto product = [&](const char* name, const Tensor& weight) {
    return maker.node("MatMul", {maker.input(), maker.constant(weight)},
                      swapped ? std::string(name) + "_2" : name);
  };
  Value* v = swapped ? product("v", of_v) : nullptr;
  Value* u = product("u", of_u);
  if (!swapped) v = product("v", of_v);
  maker.output(maker.node("Sub", {maker.node("Exp", {u}, "eu"), maker.node("Exp", {v}, "ev")}, "y"));
  return maker;
}

TEST(CompareModels, BranchesAreToldApart) {
  EXPECT_TRUE(compare(heads(false, 0), heads(true, 0)).agrees());
  EXPECT_THAT(blamed(compare(heads(false, 0), heads(true, 1))), ElementsAre("u|u_2"));
}

TEST(CompareModels, AWrongWireIsNamed) {
  const auto make = [](bool wrong) {
    Maker maker;
    Value* sine = maker.node("Sin", {maker.input()}, "sine");
    Value* root = maker.node("Exp", {maker.input()}, "exp");
    maker.output(maker.node("Sub", {sine, wrong ? sine : root}, "y"));
    return maker;
  };
  const Comparison result = compare(make(false), make(true));
  EXPECT_THAT(blamed(result), ElementsAre("y|y"));
  EXPECT_THAT(result.faults[0].differences,
              ElementsAre("input 1: 'exp' in A, 'sine' in B, which is 'sine' of A"));
}

TEST(CompareModels, ModelsThatDoNotFitIntoMemoryRunInParts) {
  CompareOptions options;
  options.memory = 1;
  const Comparison result = compare(chain(), chain("other_", 1, 1), options);
  EXPECT_THAT(blamed(result), ElementsAre("p|other_p", "q|other_q"));
  EXPECT_TRUE(compare(scaled(false), scaled(true), options).agrees());
}

TEST(CompareModels, ANodeThatFailsIsNamed) {
  const auto make = [](int64_t columns) {
    Maker maker;
    Value* sine = maker.node("Sin", {maker.input()}, "sine");
    const int64_t sizes[] = {4, columns};
    Value* flat = maker.node("Reshape", {sine, maker.constant(Tensor::from<int64_t>({2}, sizes))}, "reshape");
    maker.output(maker.node("Exp", {flat}, "y"));
    return maker;
  };
  const Comparison result = compare(make(2), make(3));
  EXPECT_THAT(blamed(result), ElementsAre("reshape|reshape"));
  EXPECT_THAT(result.faults[0].failure, HasSubstr("reshape"));
  EXPECT_FALSE(result.failure.empty());
  EXPECT_FALSE(result.values[0].accumulated);  // B as a whole makes nothing
}

TEST(CompareModels, BodiesAreOneNodeWithWhatTheyCapture) {
  const auto make = [](float wrong) {
    Maker maker;
    Value* sine = maker.node("Sin", {maker.input()}, "sine");
    auto then_branch = std::make_unique<Graph>("then"), else_branch = std::make_unique<Graph>("else");
    Value* weight = then_branch->add_initializer("w", Tensor::scalar<float>(2 + wrong));
    then_branch->add_output(then_branch->add_node("Mul", {sine, weight})->output(0));
    else_branch->add_output(else_branch->add_node("Exp", {maker.input()})->output(0));
    Value* yes = maker.constant(Tensor::scalar<bool>(true));
    Value* chosen = maker.node("If", {yes}, "choice");
    chosen->producer()->set_attribute("then_branch", std::move(then_branch));
    chosen->producer()->set_attribute("else_branch", std::move(else_branch));
    maker.output(maker.node("Cos", {chosen}, "y"));
    return maker;
  };
  EXPECT_TRUE(compare(make(0), make(0)).agrees());
  EXPECT_THAT(blamed(compare(make(0), make(1))), ElementsAre("choice|choice"));
}

TEST(CompareModels, DrawnNumbersAreNotHeldAgainstAnybody) {
  const auto make = [](float wrong) {
    Maker maker;
    Value* noise = maker.node("RandomNormalLike", {maker.input()}, "noise");
    Value* sum = maker.node("Add", {maker.input(), noise}, "sum");
    maker.output(maker.node("Mul", {sum, maker.constant(Tensor::scalar<float>(2 + wrong))}, "y"));
    return maker;
  };
  const Comparison result = compare(make(0), make(0));
  EXPECT_TRUE(result.draws);
  EXPECT_TRUE(result.agrees());
  EXPECT_THAT(blamed(compare(make(0), make(1))), ElementsAre("y|y"));
}

TEST(CompareModels, HalfPrecisionIsComparedInItsOwn) {
  const auto make = [](DataType type, float wrong) {
    Maker maker;
    Value* cast = maker.node("Cast", {maker.input()}, "cast");
    cast->producer()->set_attribute("to", static_cast<int64_t>(type));
    Tensor weight = numbers({4, 4}, 8);
    weight.data<float>()[3] += wrong;
    Value* product =
        maker.node("MatMul", {cast, maker.constant(ops::cast_elements(weight, type))}, "product");
    Value* back = maker.node("Cast", {product}, "back");
    back->producer()->set_attribute("to", static_cast<int64_t>(DataType::kFloat));
    maker.output(back);
    return maker;
  };
  const Comparison halves = compare(make(DataType::kFloat, 0), make(DataType::kFloat16, 0));
  EXPECT_THAT(blamed(halves), IsEmpty());
  EXPECT_GT(halves.values[1].own->largest, 0);
  EXPECT_THAT(blamed(compare(make(DataType::kFloat, 0), make(DataType::kFloat16, 1))),
              ElementsAre("product|product"));
}

TEST(CompareModels, GivenInputsGoByTheirNames) {
  const auto make = [](std::vector<std::string> names, bool reversed) {
    Maker maker(std::move(names));
    const size_t first = reversed ? 1 : 0;
    maker.output(maker.node("Sub", {maker.input(first), maker.input(1 - first)}, "y"));
    return maker;
  };
  EXPECT_TRUE(compare(make({"a", "b"}, false), make({"b", "a"}, true)).agrees());
  EXPECT_TRUE(compare(make({"a", "b"}, false), make({"c", "d"}, false)).agrees());
  EXPECT_FALSE(compare(make({"a", "b"}, false), make({"c", "d"}, true)).agrees());
}

// Before IR version 4, every initializer was an input, too.
TEST(CompareModels, WeightsAmongTheInputsAreWeights) {
  const auto make = [](float wrong) {
    Maker maker;
    maker.model->ir_version = 3;
    Tensor weight = numbers({4, 4}, 9);
    weight.data<float>()[0] += wrong;
    Value* listed = maker.constant(weight);
    maker.graph.make_input(listed);
    maker.output(maker.node("Sin", {maker.node("MatMul", {maker.input(), listed}, "product")}, "y"));
    return maker;
  };
  EXPECT_TRUE(compare(make(0), make(0)).agrees());
  EXPECT_THAT(blamed(compare(make(0), make(1))), ElementsAre("product|product"));
}

TEST(CompareModels, OtherEndsAreRefused) {
  const auto error_of = [](const Maker& a, const Maker& b) -> std::string {
    try {
      compare(a, b);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  Maker two({"x", "y"});
  two.output(two.node("Add", {two.input(0), two.input(1)}, "z"));
  EXPECT_THAT(error_of(chain(), two),
              HasSubstr("A has 1 input (x: f32[2,4]), B has 2 (x: f32[2,4], y: f32[2,4])"));
  Maker wider({"x"}, {Dim(2), Dim(5)});
  wider.output(wider.node("Sin", {wider.input()}, "z"));
  EXPECT_THAT(error_of(chain(), wider), HasSubstr("input 'x' of A is f32[2,4], input 'x' of B is f32[2,5]"));
}

}  // namespace
}  // namespace slipway::workbench
