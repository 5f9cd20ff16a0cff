// Sizes for inputs that nobody gave.
#include "workbench/input_shapes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace slipway::workbench {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class InputShapesTest : public ::testing::Test {
 protected:
  InputShapesTest() { add("x", Shape{1, 3, Dim::symbol("h"), Dim::symbol("w")}); }
  void add(const std::string& name, const Shape& shape) {
    model_.graph->add_input(name, Type::tensor(DataType::kFloat, shape));
  }
  void suggest(const std::string& pipeline) { model_.set_metadata("slipway.pipeline", pipeline); }
  InputShapes chosen(const InputShapes& given = {}) const { return choose_shapes(model_, given); }
  std::string error_with(const InputShapes& given) const {
    try {
      chosen(given);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  Model model_;
};

TEST_F(InputShapesTest, GivenThenStatedThenSuggested) {
  EXPECT_THAT(chosen(), IsEmpty());
  suggest(R"({"input":{"typical_size":[20,30]}})");
  EXPECT_THAT(chosen(), ElementsAre(Pair("x", Dims{1, 3, 20, 30})));
  EXPECT_THAT(chosen({{"", {1, 3, 5, 6}}}), ElementsAre(Pair("x", Dims{1, 3, 5, 6})));
  add("scale", Shape{4});
  EXPECT_THAT(chosen(),
              ElementsAre(Pair("scale", Dims{4})));  // the pipeline does not say which input it means
  suggest(R"({"input":{"name":"x","typical_size":[20,30]}})");
  EXPECT_THAT(chosen(), ElementsAre(Pair("scale", Dims{4}), Pair("x", Dims{1, 3, 20, 30})));
}

TEST_F(InputShapesTest, LayoutAndChannels) {
  Model& model = model_;
  model.graph = std::make_unique<Graph>();
  add("y", Shape{1, Dim::symbol("h"), Dim::symbol("w"), 1});
  suggest(R"({"input":{"color":"Y","layout":"NHWC","typical_size":[20,30]}})");
  EXPECT_THAT(chosen(), ElementsAre(Pair("y", Dims{1, 20, 30, 1})));
}

TEST_F(InputShapesTest, SuggestionsThatCannotBeUnderstoodAreNone) {
  const std::string deep(150'000, '[');
  for (const std::string& pipeline :
       {std::string("{"), std::string("[]"), std::string(R"({"input":3})"),
        std::string(R"({"input":{"typical_size":[1]}})"), std::string(R"({"input":{"typical_size":[0,5]}})"),
        std::string(R"({"input":{"typical_size":[1e9,5]}})"),
        std::string(R"({"input":{"typical_size":[20,30],"layout":"NHWC"}})"), deep,
        R"({"input":{"typical_size":)" + deep + std::string(150'000, ']') + "}}",
        std::string(2 << 20, ' ')}) {
    suggest(pipeline);
    EXPECT_THAT(chosen(), IsEmpty()) << pipeline.substr(0, 60);
  }
}

TEST_F(InputShapesTest, GivenShapesFitTheModel) {
  EXPECT_THAT(error_with({{"z", {1}}}), AllOf(HasSubstr("no input 'z'"), HasSubstr("'x'")));
  EXPECT_THAT(error_with({{"x", {1, 4, 5, 6}}}),
              AllOf(HasSubstr("'x'"), HasSubstr("[1,4,5,6]"), HasSubstr("[1,3,h,w]")));
  EXPECT_THAT(error_with({{"x", {1, 3, 5}}}), HasSubstr("[1,3,5]"));
  EXPECT_THAT(error_with({{"", {1, 3, 5, 6}}, {"x", {1, 3, 5, 6}}}), HasSubstr("two shapes"));
  add("z", Shape{Dim::symbol("n")});
  EXPECT_THAT(error_with({{"", {1, 3, 5, 6}}}), HasSubstr("with one input"));
}

}  // namespace
}  // namespace slipway::workbench
