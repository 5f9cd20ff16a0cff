// Which values stand in the same place.
#include "workbench/compare/partners.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workbench/compare/align.hpp"
#include "workbench/compare/pair_of_models.hpp"
#include "workbench/compare/segments.hpp"

namespace slipway::workbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string no_type(const Value&) {
  return "";
}

// The names of the partners in A of what B calls `name`; certain ones with a star.
std::vector<std::string> partners_of(const Maker& a, const Maker& b, const std::string& name) {
  const Partners partners(a.graph, b.graph, match_ends(a.graph, b.graph), no_type, no_type);
  std::vector<std::string> names;
  for (const Partner& partner : partners.of(*b.graph.find_value(name)))
    names.push_back(partner.value->name() + (partner.certain ? "*" : ""));
  return names;
}

// x → Sin → Exp → …, named after the operators with a prefix.
Maker line(const std::string& prefix, const std::vector<std::string>& operators) {
  Maker maker;
  Value* value = maker.input();
  for (const std::string& op_type : operators) value = maker.node(op_type, {value}, prefix + op_type);
  maker.output(value);
  return maker;
}

TEST(Partners, OfRenamedNodesStandInTheSamePlace) {
  const Maker a = line("", {"Sin", "Exp", "Tanh"}), b = line("z", {"Sin", "Exp", "Tanh"});
  EXPECT_THAT(partners_of(a, b, "zExp"), ElementsAre("Exp*"));
}

TEST(Partners, BeforeAndBehindWhatIsMissing) {
  const Maker a = line("", {"Sin", "Exp", "Tanh", "Cos"}), b = line("z", {"Sin", "Tanh", "Cos"});
  EXPECT_THAT(partners_of(a, b, "zTanh"), ElementsAre("Tanh"));
  EXPECT_THAT(partners_of(a, b, "zCos"), ElementsAre("Cos"));
  // Seen from the outputs it stands where Exp does, seen from the inputs it is Sin.
  EXPECT_THAT(partners_of(a, b, "zSin"), ElementsAre("Exp", "Sin"));
}

TEST(Partners, BetweenTwoThatAreMissingByTheirOrder) {
  const Maker a = line("", {"Sin", "Exp", "Tanh", "Abs", "Cos"}), b = line("z", {"Sin", "Tanh", "Cos"});
  EXPECT_THAT(partners_of(a, b, "zTanh"), ElementsAre("Abs", "Tanh"));
}

TEST(Partners, NamesThatWereShuffledMeanNothing) {
  const Maker a = line("", {"Sin", "Exp", "Tanh"});
  Maker b = line("z", {"Sin", "Exp", "Tanh"});
  b.graph.rename(b.graph.find_value("zSin"), "Tanh");
  b.graph.rename(b.graph.find_value("zTanh"), "Sin");
  EXPECT_THAT(partners_of(a, b, "Tanh"), ElementsAre("Sin*"));
}

TEST(Align, FindsTheLongestCommonSubsequence) {
  EXPECT_THAT(align({"c", "b", "r", "c", "b", "r"}, {"c", "r", "c", "r"}),
              ElementsAre(Pair(0, 0), Pair(2, 1), Pair(3, 2), Pair(5, 3)));
  EXPECT_THAT(align({"a"}, {"b"}), IsEmpty());
  EXPECT_THAT(align({}, {"b"}), IsEmpty());
}

TEST(Segments, EndAtWhatIsKnown) {
  const Maker maker = line("", {"Sin", "Exp", "Tanh"});
  const Value *sin = maker.graph.find_value("Sin"), *tanh = maker.graph.find_value("Tanh");
  const std::unordered_set<const Value*> end{tanh}, both{tanh, sin};
  const Segment whole = Segments(maker.graph, end).before(*tanh),
                part = Segments(maker.graph, both).before(*tanh);
  EXPECT_EQ(whole.nodes.size(), 3U);
  EXPECT_THAT(whole.from, ElementsAre(maker.input()));
  EXPECT_EQ(part.nodes.size(), 2U);
  EXPECT_EQ(part.nodes.back(), tanh->producer());
  EXPECT_THAT(part.from, ElementsAre(sin));
}

}  // namespace
}  // namespace slipway::workbench
