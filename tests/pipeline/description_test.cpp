// What docs/pipeline.md promises of reading a description.
#include "pipeline/description.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace slipway::pipeline {
namespace {

using testing::HasSubstr;

class DescriptionTest : public testing::Test {
 protected:
  DescriptionTest() {
    const Shape in{1, 3, Dim::symbol("h"), Dim::symbol("w")};
    graph_.add_input("input", Type::tensor(DataType::kFloat, in));
    graph_.add_output(graph_.add_node("Resize", {graph_.inputs()[0]})->output(0));
    graph_.rename(graph_.outputs()[0], "output");
  }
  std::string error_of(const std::string& json) {
    try {
      parse_description(json, graph_);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidModel);
      return error.what();
    }
    return "no error";
  }
  Graph graph_;
};

TEST_F(DescriptionTest, FillsDefaults) {
  const auto d = parse_description(
      R"({"version":1,"task":"super-resolution","input":{},"output":{},"scale":3})", graph_);
  EXPECT_EQ(d.input.name, "input");
  EXPECT_EQ(d.output.name, "output");
  EXPECT_EQ(d.input.range, (std::array<double, 2>{0, 1}));
  EXPECT_EQ(d.scale, 3);
  EXPECT_EQ(d.max_pixels, 16777216);
  EXPECT_EQ(d.rounding, Rounding::kNearest);
  EXPECT_FALSE(d.bits);
}

TEST_F(DescriptionTest, ReadsTheTutorialScript) {
  const auto d = parse_description(
      R"({"version":1,"task":"super-resolution","input":{"color":"BGR","range":[0,255]},
          "output":{"rounding":"truncate"},"scale":3})",
      graph_);
  EXPECT_EQ(d.output.color, Color::kBgr);
  EXPECT_EQ(d.output.range, (std::array<double, 2>{0, 255}));
  EXPECT_EQ(d.rounding, Rounding::kTruncate);
}

TEST_F(DescriptionTest, NamesWhatIsWrong) {
  const std::string head = R"({"version":1,"task":"super-resolution",)";
  EXPECT_THAT(error_of("[1]"), HasSubstr("not an object"));
  EXPECT_THAT(error_of("{"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("{\"version\":1,\"version\":1}"), HasSubstr("twice"));
  EXPECT_THAT(error_of(std::string(100000, '[')), HasSubstr("deeper than 16"));
  EXPECT_THAT(error_of(R"({"version":2})"), HasSubstr("newer Slipway"));
  EXPECT_THAT(error_of(R"({"version":1.0})"), HasSubstr("integer"));
  EXPECT_THAT(error_of(R"({"version":1,"task":"detection"})"), HasSubstr("'task'"));
  EXPECT_THAT(error_of(head + R"("input":{},"output":{}})"), HasSubstr("'scale' is missing"));
  EXPECT_THAT(error_of(head + R"("input":{"name":"x"},"output":{},"scale":3})"), HasSubstr("input.name"));
  EXPECT_THAT(error_of(head + R"("input":{"colour":"RGB"},"output":{},"scale":3})"),
              HasSubstr("input.colour"));
  EXPECT_THAT(error_of(head + R"("input":{"range":[1,0]},"output":{},"scale":3})"), HasSubstr("input.range"));
  EXPECT_THAT(error_of(head + R"("input":{"std":[1,0,1]},"output":{},"scale":3})"), HasSubstr("input.std"));
  EXPECT_THAT(error_of(head + R"("input":{"mean":[1]},"output":{},"scale":3})"),
              HasSubstr("3 finite numbers"));
  EXPECT_THAT(error_of(head + R"("input":{"color":"Y"},"output":{},"scale":3})"), HasSubstr("1 channel"));
  for (const char* size : {"[256.0,256]", "[256]", "[0,256]", "[256,65536]", "256"})
    EXPECT_THAT(error_of(head + R"("input":{"typical_size":)" + size + R"(},"output":{},"scale":3})"),
                HasSubstr("2 integers from 1 to 65535 are expected"));
  EXPECT_THAT(error_of(head + R"("input":{},"output":{"bits":12},"scale":3})"), HasSubstr("8 or 16"));
  EXPECT_THAT(error_of(head + R"("input":{},"output":{},"scale":17})"), HasSubstr("from 1 to 16"));
}

}  // namespace
}  // namespace slipway::pipeline
