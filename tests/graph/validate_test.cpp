#include "graph/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace slipway {
namespace {

using testing::HasSubstr;

template <typename Model>
std::string refusal(const Model& model) {
  try {
    validate(model);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidModel);
    return error.what();
  }
  return "";
}

// y = Relu(x) as output.
struct Small {
  Graph graph{"small"};
  Value* x = graph.add_input("x", {});
  Node* relu = graph.add_node_with_outputs("Relu", {x}, {graph.add_value("y")}, "", "relu1");
  Value* y = relu->output(0);
  Small() { graph.add_output(y); }
};

TEST(Validate, AcceptsWhatIsWellFormed) {
  Small small;
  EXPECT_EQ(refusal(small.graph), "");
  EXPECT_EQ(refusal(Model()), "");
}

TEST(Validate, NamesAValueThatNobodyMakes) {
  Small small;
  small.graph.set_input(small.relu, 0, small.graph.add_value("lost"));
  EXPECT_THAT(refusal(small.graph), HasSubstr("node 'relu1' (Relu) reads 'lost', which nothing makes"));
}

TEST(Validate, NamesAnOutputThatNobodyMakes) {
  Small small;
  small.graph.add_output(small.graph.add_value("lost"));
  EXPECT_THAT(refusal(small.graph), HasSubstr("the output list of graph 'small' reads 'lost'"));
}

TEST(Validate, NamesNodesOutOfOrder) {
  Small small;
  small.graph.insert_node(small.relu, "Neg", {small.y}, 1, "", "neg1");
  EXPECT_THAT(refusal(small.graph),
              HasSubstr("node 'neg1' (Neg) reads 'y' before it is made by node 'relu1' (Relu)"));
}

TEST(Validate, NamesANodeThatReadsItself) {
  Small small;
  small.graph.set_input(small.relu, 0, small.y);
  EXPECT_THAT(refusal(small.graph), HasSubstr("node 'relu1' (Relu) reads 'y' before it is made"));
}

TEST(Validate, NamesANodeWithoutOperator) {
  Small small;
  small.graph.set_op_type(small.relu, "");
  EXPECT_THAT(refusal(small.graph), HasSubstr("node 'relu1' () has no operator"));
}

TEST(Validate, NamesAnAttributeGivenTwice) {
  Small small;
  small.relu->attributes().emplace_back("axis", int64_t{1});
  small.relu->attributes().emplace_back("axis", int64_t{2});
  EXPECT_THAT(refusal(small.graph), HasSubstr("node 'relu1' (Relu) has two attributes 'axis'"));
}

TEST(Validate, NamesAReferenceOutsideOfFunctions) {
  Small small;
  small.relu->set_attribute(Attribute::reference("axis", "alpha", Attribute::Kind::kInt));
  EXPECT_THAT(refusal(small.graph), HasSubstr("attribute 'axis' refers to 'alpha'"));
}

TEST(Validate, NamesAValueOfAnotherGraph) {
  Small small, other;
  small.graph.set_input(small.relu, 0, other.x);
  EXPECT_THAT(refusal(small.graph),
              HasSubstr("node 'relu1' (Relu) reads 'x' of graph 'small', which is not around"));
  small.graph.set_input(small.relu, 0, small.x);
}

// An If after relu1 whose branch is returned.
Graph& add_branch(Small& small, Node* position = nullptr) {
  Node* branch = small.graph.insert_node(position, "If", {small.x}, 1, "", "if1");
  branch->set_attribute("then_branch", std::make_unique<Graph>("branch"));
  return **branch->attributes()[0].as<std::unique_ptr<Graph>>();
}

TEST(Validate, GraphsInsideReadWhatIsAroundThem) {
  Small small;
  Graph& branch = add_branch(small);
  branch.add_output(branch.add_node("Neg", {small.y})->output(0));
  branch.add_output(small.x);
  EXPECT_EQ(refusal(small.graph), "");
  EXPECT_EQ(refusal(branch), "");
}

TEST(Validate, GraphsInsideDoNotReadWhatComesLater) {
  Small small;
  Graph& branch = add_branch(small, small.relu);
  branch.add_node("Neg", {small.y}, 1, "", "inner");
  EXPECT_THAT(refusal(small.graph),
              HasSubstr("node 'inner' (Neg) reads 'y' before it is made by node 'relu1'"));
}

TEST(Validate, NothingReadsIntoAGraphFromOutside) {
  Small small;
  Graph& branch = add_branch(small);
  Node* inner = branch.add_node("Neg", {small.x});
  Node* late = small.graph.add_node("Abs", {inner->output(0)}, 1, "", "late");
  EXPECT_THAT(refusal(small.graph), HasSubstr("node 'late' (Abs) reads 'Neg' of graph 'branch'"));
  small.graph.set_input(late, 0, nullptr);
}

TEST(Validate, NamesAHiddenValue) {
  Small small;
  Graph& branch = add_branch(small);
  branch.add_initializer("x", Tensor::scalar(1.0F));
  branch.add_node("Neg", {small.x}, 1, "", "inner");
  EXPECT_THAT(refusal(small.graph),
              HasSubstr("node 'inner' (Neg) reads 'x' of graph 'small', but a nearer graph"));
}

// A graph with `depth` graphs below it.
std::unique_ptr<Graph> nested(int depth) {
  auto top = std::make_unique<Graph>("top");
  Graph* graph = top.get();
  for (int i = 0; i < depth; ++i) {
    Node* node = graph->add_node("If", {}, 0);
    node->set_attribute("then_branch", std::make_unique<Graph>("inner"));
    graph = node->attributes()[0].as<std::unique_ptr<Graph>>()->get();
  }
  return top;
}

TEST(Validate, RefusesDeepNesting) {
  EXPECT_EQ(refusal(*nested(kMaxGraphNesting - 1)), "");
  EXPECT_THAT(refusal(*nested(kMaxGraphNesting)), HasSubstr("nested deeper than 64"));
}

// Functions f0, f1, …; calls[i] are those that f<i> calls.
Model functions(const std::vector<std::vector<int>>& calls) {
  Model model;
  for (size_t i = 0; i < calls.size(); ++i) {
    Function function;
    function.domain = "d";
    function.name = "f" + std::to_string(i);
    function.body = std::make_unique<Graph>("body");
    function.body->add_node("Relu", {}, 0);
    for (const int callee : calls[i]) function.body->add_node("f" + std::to_string(callee), {}, 1, "d");
    model.functions.push_back(std::move(function));
  }
  return model;
}

TEST(Validate, FunctionsMayCallOthers) {
  EXPECT_EQ(refusal(functions({{1, 2}, {2}, {}})), "");
}

TEST(Validate, NamesAFunctionThatCallsItself) {
  EXPECT_THAT(refusal(functions({{}, {1}})), HasSubstr("function 'd.f1' calls itself"));
}

TEST(Validate, NamesFunctionsThatCallEachOther) {
  EXPECT_THAT(refusal(functions({{1}, {2}, {3}, {1}})),
              HasSubstr("function 'd.f1' calls itself through function 'd.f2', function 'd.f3'"));
}

TEST(Validate, FindsCallsInGraphsInsideAFunction) {
  Model model = functions({{}});
  Node* node = model.functions[0].body->add_node("If", {}, 0);
  auto branch = std::make_unique<Graph>("branch");
  branch->add_node("f0", {}, 1, "d");
  node->set_attribute("then_branch", std::move(branch));
  EXPECT_THAT(refusal(model), HasSubstr("function 'd.f0' calls itself"));
}

TEST(Validate, NamesAFunctionDefinedTwice) {
  Model model = functions({{}, {}});
  model.functions[1].name = "f0";
  EXPECT_THAT(refusal(model), HasSubstr("function 'd.f0' is defined twice"));
  model.functions[1].overload = "second";
  EXPECT_EQ(refusal(model), "");
}

TEST(Validate, RefusesLongChainsOfFunctions) {
  std::vector<std::vector<int>> calls;
  for (int i = 0; i < 3000; ++i) calls.push_back(i + 1 < 3000 ? std::vector<int>{i + 1} : std::vector<int>{});
  EXPECT_THAT(refusal(functions(calls)), HasSubstr("more than 64 deep"));
  calls.resize(kMaxFunctionNesting);
  calls.back().clear();
  EXPECT_EQ(refusal(functions(calls)), "");
}

TEST(Validate, RefusesFunctionsThatMultiply) {
  std::vector<std::vector<int>> calls;
  for (int i = 0; i < 40; ++i) calls.push_back({i + 1, i + 1});
  calls.emplace_back();
  EXPECT_THAT(refusal(functions(calls)), HasSubstr("stands for more than 10000000 nodes"));
}

TEST(Validate, NamesTheFunctionOfAnInvalidBody) {
  Model model = functions({{}});
  model.functions[0].body->add_output(model.functions[0].body->add_value("lost"));
  EXPECT_THAT(refusal(model), HasSubstr("function 'd.f0': the output list of graph 'body' reads 'lost'"));
}

TEST(Validate, ReferencesNeedAParameterOfTheFunction) {
  Model model = functions({{}});
  Function& function = model.functions[0];
  function.body->first_node()->set_attribute(Attribute::reference("axis", "alpha", Attribute::Kind::kInt));
  EXPECT_THAT(refusal(model), HasSubstr("'alpha', which is no attribute of the function"));
  function.attributes = {"alpha"};
  EXPECT_EQ(refusal(model), "");
  function.attributes.clear();
  function.attribute_defaults.emplace_back("alpha", int64_t{1});
  EXPECT_EQ(refusal(model), "");
}

TEST(Validate, NamesADomainImportedTwice) {
  Model model;
  model.opset_imports.entries() = {{"", 20}, {"ai.onnx", 20}};
  EXPECT_EQ(refusal(model), "");
  model.opset_imports.entries() = {{"", 20}, {"ai.onnx", 21}};
  EXPECT_THAT(refusal(model), HasSubstr("domain 'ai.onnx' is imported in versions 20 and 21"));
}

TEST(Validate, AValueIsMadeOnce) {
  Small small;
  EXPECT_THROW(small.graph.add_node_with_outputs("Neg", {small.x}, {small.y}), Error);
  EXPECT_THROW(small.graph.add_node_with_outputs("Neg", {small.x}, {small.x}), Error);
  Value* z = small.graph.add_value("z");
  EXPECT_THROW(small.graph.add_node_with_outputs("Neg", {small.x}, {z, z}), Error);
  EXPECT_EQ(z->producer(), nullptr);
  EXPECT_EQ(small.x->uses().size(), 1U);
  EXPECT_EQ(refusal(small.graph), "");
}

}  // namespace
}  // namespace slipway
