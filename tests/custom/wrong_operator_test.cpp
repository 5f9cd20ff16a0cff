// Operators that do wrong: each becomes an error that names node and library, on every way to a result.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "custom/one_node.hpp"
#include "ops/infer_types.hpp"
#include "reference/interpreter.hpp"

namespace slipway::custom {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Wrong {
  const char* op_type;
  const char* code;
  const char* reason;
};

class WrongOperator : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongOperator, IsNamed) {
  const auto [op_type, code, reason] = GetParam();
  const auto operators = load({"wrong"});
  // Sizes that are open at first, so that inference must say nothing then what it may not.
  OneNode one("wrong", op_type, {floats({"rows", "3"})});
  const Tensor x = Tensor::from<float>({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  const auto expected =
      AllOf(StartsWith(code), HasSubstr("node 'n'"), HasSubstr(op_type),
            HasSubstr("custom operator of '" + library("wrong").string() + "'"), HasSubstr(reason));
  for (bool optimize : {true, false})
    EXPECT_THAT(error_of([&] { one.compile(operators, optimize)->run(std::vector<RuntimeValue>{x}); }),
                expected);
  EXPECT_THAT(error_of([&] { reference::run(one.model(), {{"input0", x}}, *operators); }), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Run, WrongOperator,
    ::testing::Values(
        Wrong{"Throws", "internal", "its function run threw an exception: out of fuel"},
        Wrong{"ThrowsNumber", "internal", "its function run threw something that is no std::exception"},
        Wrong{"FindsNoMemory", "out of memory", "its function run found no memory"},
        Wrong{"Fails", "unsupported", "13 is unlucky"}, Wrong{"FailsAndSaysOk", "invalid argument", "first"},
        Wrong{"FailsWithOk", "internal", "is it?"},
        Wrong{"SaysNothing", "internal", "its function run returned status 77 without a text"},
        Wrong{"MakesNothing", "internal", "did not make output 0 ('y')"},
        Wrong{"MakesTwice", "internal", "makes output 0 ('y') twice"},
        Wrong{"MakesAnotherShape", "internal", "with the shape [3,2], but infer stated f32[2,3]"},
        Wrong{"MakesNegativeSizes", "invalid argument", "-3"}, Wrong{"MakesTooMuch", "out of memory", ""},
        Wrong{"LeavesOpen", "internal", "infer left it open (f32[...])"},
        Wrong{"WritesBeyond", "internal", "wrote beyond the end of output 0 ('y'), which is f32[2,3]"},
        Wrong{"WritesBefore", "internal", "wrote before the beginning of output 0 ('y')"},
        Wrong{"WritesNoBool", "internal", "neither 0 nor 1"},
        Wrong{"SetsNoString", "internal", "sets a string of output 0 ('y'), which is f32[2,3]"},
        Wrong{"AsksForInput", "internal", "asks for input 1, but there are 1"},
        Wrong{"AsksForAttribute", "internal", "an attribute 'm', which its schema does not have"},
        Wrong{"AsksForKind", "internal", "the attribute 'n' as float, but its schema has it as int"},
        Wrong{"AsksForString", "internal", "asks for string 0 of f32[2,3]"},
        Wrong{"InfersInRun", "internal", "its function run calls set_shape_like, which is not for run"}),
    [](const auto& instance) { return instance.param.op_type; });

INSTANTIATE_TEST_SUITE_P(
    Infer, WrongOperator,
    ::testing::Values(
        Wrong{"ThrowsInInfer", "internal", "its function infer threw an exception: no idea"},
        Wrong{"MakesInInfer", "internal", "its function infer calls output, which is not for infer"},
        Wrong{"StatesAnotherType", "internal",
              "states elements of type i64 for output 0, but its schema says f32"},
        Wrong{"HasNoType", "internal", "the element type of output 0 ('y') follows neither from the schema"},
        Wrong{"ThrowsInCreate", "internal", "its function create threw an exception: n is odd"},
        Wrong{"LeavesNoState", "internal",
              "its function create returned SLIPWAY_OK, but left the state NULL"},
        Wrong{"CountsInCreate", "internal",
              "its function create calls input_count, which is not for create"}),
    [](const auto& instance) { return instance.param.op_type; });

// With real sizes, the result is right by chance; before, the mistake shows.
TEST(WrongInference, CalculatingWithAnUnknownSizeIsNamed) {
  const auto operators = load({"wrong"});
  OneNode one("wrong", "CalculatesWithUnknown", {floats({"rows", "3"})});
  EXPECT_THAT(error_of([&] { ops::infer_types(one.model(), *operators); }),
              AllOf(HasSubstr("node 'n'"), HasSubstr("must not be calculated with")));
}

TEST(WrongOperatorFlops, NonsenseIsNamed) {
  const auto operators = load({"wrong"});
  OneNode one("wrong", "CountsNonsense", {floats({"2", "3"})});
  EXPECT_THAT(
      error_of([&] {
        operators->find("wrong", "CountsNonsense")->flops({one.node(), {{2, 3}}, {{2, 3}}, {nullptr}});
      }),
      HasSubstr("counts -1 operations"));
}

// One run that fails does not spoil the next.
TEST(WrongOperatorAfterwards, TheModelStaysUsable) {
  const auto operators = load({"right"});
  OneNode one("test", "Stack", {floats({"rows", "columns"})});
  const auto executable = one.compile(operators);
  const Tensor x = Tensor::from<float>({1, 2}, std::vector<float>{1, 2});
  for (int round = 0; round < 2; ++round) {
    const auto outputs = executable->run(std::vector<RuntimeValue>{x});
    EXPECT_TRUE(identical(outputs[0].tensor(), Tensor::from<float>({2, 2}, std::vector<float>{1, 2, 1, 2})));
    EXPECT_NE(error_of([&] { executable->run(std::vector<RuntimeValue>{Tensor(DataType::kInt64, {1, 2})}); }),
              "no error");
  }
}

}  // namespace
}  // namespace slipway::custom
