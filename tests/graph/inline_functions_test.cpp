#include "graph/inline_functions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/error_from.hpp"
#include "graph/print.hpp"
#include "graph/validate.hpp"

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Adds the function `name` with inputs a and b; returns its body.
Graph& add_function(Model& model, const std::string& name) {
  Function function;
  function.domain = "d";
  function.name = name;
  function.body = std::make_unique<Graph>(name);
  function.body->add_input("a", {});
  function.body->add_input("b", {});
  model.functions.push_back(std::move(function));
  return *model.functions.back().body;
}

std::vector<std::string> nodes_of(const Graph& graph) {
  std::vector<std::string> nodes;
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    nodes.push_back(node->name() + ":" + node->op_type() + "(");
    for (const Value* input : node->inputs())
      nodes.back() += (nodes.back().back() == '(' ? "" : ",") + (input ? input->name() : "");
    nodes.back() += ")";
  }
  return nodes;
}

std::string error_of(Model& model) {
  try {
    inline_functions(model);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(InlineFunctions, PutsBodiesWithinBodiesInPlace) {
  Model model;
  Graph& outer = add_function(model, "outer");
  Value* inner_call = outer.add_node("inner", {outer.inputs()[1], outer.inputs()[0]}, 1, "d", "i")->output(0);
  outer.add_output(outer.add_node("Neg", {inner_call}, 1, "", "n")->output(0));
  Graph& inner = add_function(model, "inner");
  inner.add_output(inner.add_node("Sub", {inner.inputs()[0], inner.inputs()[1]}, 1, "", "s")->output(0));

  Graph& graph = *model.graph;
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat));
  Value* y = graph.add_input("y", Type::tensor(DataType::kFloat));
  Value* z = graph.add_node("outer", {x, y}, 1, "d", "call")->output(0);
  graph.rename(z, "z");
  graph.add_output(z);
  validate(model);
  inline_functions(model);
  validate(model);
  EXPECT_TRUE(model.functions.empty());
  EXPECT_THAT(nodes_of(graph), ElementsAre("call/i/s:Sub(y,x)", "call/n:Neg(call/inner)"));
  EXPECT_EQ(graph.outputs()[0]->name(), "z");
  EXPECT_EQ(graph.outputs()[0]->producer()->op_type(), "Neg");
}

TEST(InlineFunctions, KeepsTheNamesOfOutputsThatAreOnlyHandedOn) {
  Model model;
  Graph& body = add_function(model, "f");
  Value* neg = body.add_node("Neg", {body.inputs()[0]})->output(0);
  for (Value* output : {neg, neg, body.inputs()[0]}) body.add_output(output);
  Graph& graph = *model.graph;
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat));
  Node* call = graph.add_node("f", {x}, 3, "d", "call");
  const std::string names[] = {"first", "second", "third"};
  for (size_t i = 0; i < 3; ++i) {
    graph.rename(call->output(i), names[i]);
    graph.add_output(call->output(i));
  }
  inline_functions(model);
  validate(model);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(graph.outputs()[i]->name(), names[i]);
  EXPECT_THAT(nodes_of(graph),
              ElementsAre(":Neg(x)", "call/output:Identity(first)", "call/output:Identity(x)"));
}

// The caller's attribute, an optional input that it leaves out, a body that captures, and a call in a body.
TEST(InlineFunctions, FillsInWhatTheCallGives) {
  Model model;
  Graph& body = add_function(model, "f");
  model.functions[0].attributes = {"axis"};
  Node* clip = body.add_node("Clip", {body.inputs()[0], body.inputs()[1]});
  Node* soft = body.add_node("Softmax", {clip->output(0)});
  soft->attributes().push_back(Attribute::reference("axis", "axis", Attribute::Kind::kInt));
  Node* choice = body.add_node("If", {body.inputs()[0]});
  for (const char* branch : {"then_branch", "else_branch"}) {
    auto inner = std::make_unique<Graph>(branch);
    inner->add_output(inner->add_node("Neg", {soft->output(0)})->output(0));
    choice->set_attribute(branch, std::move(inner));
  }
  body.add_output(choice->output(0));

  Graph& graph = *model.graph;
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat));
  Node* around = graph.add_node("If", {x});
  auto branch = std::make_unique<Graph>("then");
  Node* call = branch->add_node("f", {x}, 1, "d", "call");
  call->set_attribute("axis", int64_t{7});
  branch->add_output(call->output(0));
  around->set_attribute("then_branch", std::move(branch));
  graph.add_output(around->output(0));
  inline_functions(model);

  const Graph& inside = **around->find_attribute("then_branch")->as<std::unique_ptr<Graph>>();
  EXPECT_THAT(nodes_of(inside),
              ElementsAre(HasSubstr("Clip(x,)"), HasSubstr("Softmax("), HasSubstr("If(x)")));
  const Node* softmax = inside.first_node()->next();
  EXPECT_EQ(softmax->int_attribute("axis", 0), 7);
  const Graph& innermost = **softmax->next()->find_attribute("then_branch")->as<std::unique_ptr<Graph>>();
  EXPECT_EQ(innermost.first_node()->input(0), softmax->output(0));
}

// Functions f0, f1, … each of which calls the next twice, and the last one Neg: 2^`levels` nodes in all.
void add_doubling_functions(Model& model, int levels) {
  for (int level = 0; level < levels; ++level) {
    const bool last = level + 1 == levels;
    Graph& body = add_function(model, "f" + std::to_string(level));
    Value* x = body.inputs()[0];
    const std::string next = last ? "Neg" : "f" + std::to_string(level + 1);
    for (int i = 0; i < 2; ++i) x = body.add_node(next, {x}, 1, last ? "" : "d")->output(0);
    body.add_output(x);
  }
}

TEST(InlineFunctions, RefusesPowers) {
  Model model;
  add_doubling_functions(model, 31);
  Value* x = model.graph->add_input("x", Type::tensor(DataType::kFloat));
  model.graph->add_output(model.graph->add_node("f0", {x}, 1, "d")->output(0));
  EXPECT_THAT(error_from([&] { check_inlined_size(model); }), HasSubstr("more than 100000 nodes"));
  EXPECT_THAT(error_of(model), HasSubstr("more than 100000 nodes"));
}

// They are looked into all the same.
TEST(InlineFunctions, CountsFunctionsThatNobodyCalls) {
  Model model;
  add_doubling_functions(model, 17);
  EXPECT_THAT(error_from([&] { check_inlined_size(model); }), HasSubstr("more than 100000 nodes"));
  EXPECT_EQ(error_of(model), "no error");
}

TEST(InlineFunctions, RefusesWhatDoesNotFitTheFunction) {
  Model model;
  Graph& body = add_function(model, "f");
  body.add_output(body.inputs()[1]);
  Graph& graph = *model.graph;
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat));
  graph.add_output(graph.add_node("f", {x}, 1, "d", "call")->output(0));
  EXPECT_THAT(error_of(model), HasSubstr("node 'call' (d.f): output 0"));
}

}  // namespace
}  // namespace slipway
