#include "graph/graph.hpp"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(Graph, ReplacesUsesAndErases) {
  Graph graph;
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{2}));
  Node* relu = graph.add_node("Relu", {x});
  Node* sum = graph.add_node("Add", {relu->output(0), relu->output(0)});
  graph.add_output(sum->output(0));
  EXPECT_EQ(relu->output(0)->uses().size(), 2U);

  graph.replace_uses(relu->output(0), x);
  graph.erase(relu);
  EXPECT_EQ(x->uses().size(), 2U);
  EXPECT_EQ(graph.node_count(), 1U);
  EXPECT_EQ(sum->input(1), x);
}

}  // namespace
}  // namespace slipway
