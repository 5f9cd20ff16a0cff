// A graph of a hundred thousand nodes: its memory, and work over it that must not go as deep as the graph
// does.
#include <gtest/gtest.h>
#include <malloc.h>

#include "graph/graph.hpp"
#include "graph/model.hpp"
#include "graph/print.hpp"
#include "graph/validate.hpp"

namespace slipway {
namespace {

constexpr int kNodes = 100000;

// One chain, each node with a name, a type and an attribute, as exporters write them.
Model long_chain() {
  Model model;
  model.opset_imports.set("", kNewestOpset);
  const Type type = Type::tensor(DataType::kFloat, Shape{Dim::symbol("batch"), 64, 56, 56});
  Value* value = model.graph->add_input("input", type);
  for (int i = 0; i < kNodes; ++i) {
    Node* node =
        model.graph->add_node("LeakyRelu", {value}, 1, "", "/features/block." + std::to_string(i) + "/act");
    node->set_attribute("alpha", 0.1f);
    value = node->output(0);
    value->set_type(type);
  }
  model.graph->add_output(value);
  return model;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(LargeGraph, TakesLessThanAHundredMegabytes) {
  const size_t before = mallinfo2().uordblks;
  const Model model = long_chain();
  const size_t taken = mallinfo2().uordblks - before;
  EXPECT_EQ(model.graph->node_count(), static_cast<size_t>(kNodes));
  EXPECT_LT(taken, 100'000'000u);
}
#endif

TEST(LargeGraph, IsSortedCheckedCopiedAndPrintedWithoutRecursion) {
  Model model = long_chain();
  Graph& graph = *model.graph;
  // The worst order: every node stands before the one whose output it reads.
  for (Node *node = graph.first_node()->next(), *next = nullptr; node; node = next) {
    next = node->next();
    graph.move_before(node, graph.first_node());
  }
  graph.sort_topologically();
  validate(model);
  const Model copy = clone(model);
  EXPECT_EQ(to_text(*copy.graph), to_text(graph));
}

}  // namespace
}  // namespace slipway
