#include "graph/print.hpp"

#include <gtest/gtest.h>

namespace slipway {
namespace {

Tensor floats(Dims dims, std::vector<float> values) {
  return Tensor::from<float>(std::move(dims), values);
}

TEST(Print, OneNodeALine) {
  Graph graph("main");
  const Shape shape = {Dim::symbol("batch"), 3, Dim::symbol("h"), Dim()};
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat, shape));
  Value* w = graph.add_initializer("w", Tensor(DataType::kFloat, {64, 3, 9, 9}));
  Value* b = graph.add_initializer("b", floats({2}, {0.5F, -1}));
  Value* y = graph.add_value("y", Type::tensor(DataType::kFloat));
  Node* conv = graph.add_node_with_outputs("Conv", {x, w, nullptr}, {y}, "", "conv1");
  conv->set_attribute("pads", std::vector<int64_t>{4, 4, 4, 4});
  conv->set_attribute("auto_pad", std::string("NOTSET"));
  graph.add_node_with_outputs("Gelu", {y, b}, {graph.add_value("z"), nullptr}, "com.example");
  graph.add_output(y);
  EXPECT_EQ(to_text(graph), R"(graph main(x: f32[batch,3,h,?]) -> (y) {
  w: f32[64,3,9,9] = initializer
  b: f32[2] = initializer [0.5,-1]
  y: f32[...] = Conv(x, w, _) {auto_pad="NOTSET", pads=[4,4,4,4]}  # conv1
  z, _ = com.example.Gelu(y, b)
}
)");
}

TEST(Print, GraphsInsideAreIndented) {
  Graph graph("main");
  Value* condition = graph.add_input("c", Type::tensor(DataType::kBool, Shape{}));
  Value* x = graph.add_input("x", {});
  Node* branch = graph.add_node("If", {condition}, 0, "", "choice");
  auto then_graph = std::make_unique<Graph>("t");
  then_graph->add_output(then_graph->add_node("Neg", {x})->output(0));
  auto else_graph = std::make_unique<Graph>("e");
  else_graph->add_output(else_graph->add_initializer("k", Tensor::scalar<int64_t>(7)));
  branch->set_attribute("then_branch", std::move(then_graph));
  branch->set_attribute("else_branch", std::move(else_graph));
  EXPECT_EQ(to_text(graph), R"(graph main(c: bool[], x) -> () {
  If(c) {else_branch=graph e, then_branch=graph t}  # choice
    else_branch: graph e() -> (k) {
      k: i64[] = initializer 7
    }
    then_branch: graph t() -> (Neg) {
      Neg = Neg(x)
    }
}
)");
}

TEST(Print, EveryKindOfAttribute) {
  Graph graph("g");
  Node* node = graph.add_node("Any", {}, 0);
  node->set_attribute("a_float", 0.1F);
  node->set_attribute("b_int", int64_t{-3});
  node->set_attribute("c_string", std::string("a\"b\\\n\x01\xFF\xC3\xA9"));
  node->set_attribute("d_tensor", Constant{floats({1}, {2}), "", {}});
  node->set_attribute("e_large", Constant{Tensor(DataType::kInt8, {9}), "", {}});
  node->set_attribute("f_sparse",
                      SparseTensor{Constant{floats({1}, {2}), "", {}},
                                   Constant{Tensor::from<int64_t>({1}, std::vector<int64_t>{4}), "", {}},
                                   {5},
                                   {}});
  node->set_attribute("g_type", Type::sequence(Type::tensor(DataType::kFloat16)));
  node->set_attribute("h_floats", std::vector<float>{1, 1e30F});
  node->set_attribute("i_strings", std::vector<std::string>{"a", ""});
  node->set_attribute("j_long", std::vector<int64_t>(17, 1));
  node->set_attribute("k_text", std::string(65, 'k'));
  node->set_attribute("l_none", std::monostate());
  node->set_attribute(Attribute::reference("m_reference", "alpha", Attribute::Kind::kFloat));
  EXPECT_EQ(
      to_text(graph),
      "graph g() -> () {\n"
      "  Any() {a_float=0.1, b_int=-3, c_string=\"a\\\"b\\\\\\n\\x01\\xff\xC3\xA9\", d_tensor=f32[1] [2], "
      "e_large=i8[9], f_sparse=sparse [5] of f32[1], g_type=seq(f16[...]), h_floats=[1,1e+30], "
      "i_strings=[\"a\",\"\"], j_long=[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,…] (17 elements), k_text=\"" +
          std::string(64, 'k') +
          "…\" (65 bytes), l_none=undefined, m_reference=@alpha}\n"
          "}\n");
}

TEST(Print, OddNamesAreQuoted) {
  Graph graph("my graph");
  Value* odd = graph.add_input("_", Type::tensor(DataType::kFloat, Shape{Dim::symbol("a\nb")}));
  graph.add_node_with_outputs("Op", {odd}, {graph.add_value("x\ty"), graph.add_value("/a/b.1::c-d")});
  EXPECT_EQ(to_text(graph),
            "graph \"my graph\"(\"_\": \"f32[a\\nb]\") -> () {\n"
            "  \"x\\ty\", /a/b.1::c-d = Op(\"_\")\n"
            "}\n");
}

TEST(Print, Model) {
  Model model;
  model.graph->set_name("main");
  model.opset_imports.set("", 27);
  model.opset_imports.set("pkg", 1);
  model.producer_name = "p";
  model.set_metadata("k", "v");
  Function function;
  function.domain = "pkg";
  function.name = "twice";
  function.attributes = {"alpha"};
  function.attribute_defaults.emplace_back("beta", int64_t{2});
  function.opset_imports.set("", 20);
  function.body = std::make_unique<Graph>("twice");
  Value* x = function.body->add_input("x", {});
  function.body->add_output(function.body->add_node("Add", {x, x})->output(0));
  model.functions.push_back(std::move(function));
  EXPECT_EQ(to_text(model), R"(model ir 10, opset ai.onnx 27, pkg 1
producer "p" ""
metadata k = "v"
graph main() -> () {
}

opset ai.onnx 20
function pkg.twice {alpha, beta=2} (x) -> (Add) {
  Add = Add(x, x)
}
)");
}

}  // namespace
}  // namespace slipway
