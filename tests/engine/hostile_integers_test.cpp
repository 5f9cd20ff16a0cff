// What files may ask of the kernels of integers, trees and casts that is out of all proportion: the reference
// kernels do it, or say what is wrong.
#include <gmock/gmock.h>

#include "base/error.hpp"
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;
using Ints = std::vector<int64_t>;

std::shared_ptr<const Plan> plan_of(GraphMaker& maker, const std::vector<RuntimeValue>& inputs) {
  Environment environment(1);
  return Model::make(std::move(maker.model), environment, {})->plan_for(inputs);
}

struct Convolution {
  const char* what;
  Dims image, weights;
  Ints pads, strides, dilations;
  int64_t group = 1;
  bool fast = false;
};

constexpr int64_t kLargest = int64_t{1} << 31;

const Convolution kConvolutions[] = {
    {"a layout whose size wraps",
     {1, 512, 1, 1},
     {4, 512, 2, 2},
     {kLargest - 1, 16777215, 0, 0},
     {1, 1},
     {kLargest - 1, 16777215}},
    {"lines as long as the stride", {1, 5, 1, 1}, {3, 5, 1, 1}, {0, 0, 0, 0}, {1, kLargest}, {1, 1}},
    {"more phases than rows", {1, 8, 1, 64}, {3, 8, 1, 1}, {0, 0, 0, 0}, {kLargest, 1}, {1, 1}, 1, true},
    {"a phase for each tap", {1, 4, 1, 1}, {3, 4, 256, 256}, {255, 255, 0, 0}, {256, 256}, {1, 1}},
    {"64 phases along each axis", {1, 5, 70, 130}, {3, 5, 64, 64}, {0, 0, 0, 0}, {64, 64}, {1, 1}, 1, true},
    {"phases that only some taps have", {1, 8, 20, 33}, {3, 8, 3, 4}, {0, 0, 0, 0}, {6, 4}, {2, 6}, 1, true},
    {"a strip of padding", {1, 3, 1, 1}, {3, 1, 2, 1}, {1 << 26, 0, 0, 0}, {1, 1}, {1 << 26, 1}, 3},
    {"a strip whose size wraps",
     {1, 1, 1, 1},
     {1, 1, 2, 4},
     {kLargest - 1, 12, 0, 0},
     {1, 1},
     {kLargest - 1, 4}},
    {"a long dilation", {1, 3, 9, 130}, {3, 1, 3, 3}, {64, 2, 64, 2}, {1, 1}, {64, 2}, 3, true},
};

TEST(HostileIntegers, ConvolutionsOutOfProportion) {
  for (const Convolution& of : kConvolutions) {
    SCOPED_TRACE(of.what);
    GraphMaker maker;
    const Tensor x = random_bits(DataType::kUint8, of.image, maker.random);
    Value* weights =
        maker.graph().add_initializer("w", random_bits(DataType::kUint8, of.weights, maker.random));
    const Node* node = maker
                           .node("ConvInteger", {add_input(maker, x), weights},
                                 {{"group", of.group},
                                  {"pads", of.pads},
                                  {"strides", of.strides},
                                  {"dilations", of.dilations}})
                           ->producer();
    expect_identical(maker, *node, {x}, of.fast);
    EXPECT_EQ(plan_of(maker, {x})->steps()[0].kernel != nullptr, of.fast);
  }
}

// What a worker lays out of neighbours grows with the product of the kernel and the output.
TEST(HostileIntegers, AKernelAsLongAsItsImage) {
  GraphMaker maker;
  const Tensor x(DataType::kUint8, {1, 1, 1, 131071});
  const Tensor weights(DataType::kUint8, {3, 1, 1, 65536});
  Value* out = maker.node("ConvInteger", {add_input(maker, x), maker.graph().add_initializer("w", weights)});
  maker.graph().add_output(out);
  EXPECT_LT(plan_of(maker, {x})->arena_bytes(), size_t{1} << 20);
}

size_t product_bytes(const Dims& a, const Dims& b) {
  GraphMaker maker;
  const Tensor of_a(DataType::kUint8, a), of_b(DataType::kUint8, b);
  maker.graph().add_output(maker.node("MatMulInteger", {add_input(maker, of_a), add_input(maker, of_b)}));
  const auto plan = plan_of(maker, {of_a, of_b});
  EXPECT_TRUE(plan->steps()[0].kernel);
  return plan->arena_bytes();
}

TEST(HostileIntegers, ProductsTakeMemoryInProportion) {
  EXPECT_LT(product_bytes({1, 256, 1024}, {512, 1024, 1}), size_t{1} << 20);  // A of the whole batch
  EXPECT_LT(product_bytes({1, 1 << 16}, {1 << 16, 1}), size_t{2} << 20);      // a panel of one column
}

TEST(HostileIntegers, ProductsOfSharedMatrices) {
  const std::pair<Dims, Dims> cases[] = {{{1, 13, 65}, {7, 65, 1}},
                                         {{2, 1, 5, 9}, {1, 3, 9, 70}},
                                         {{1, 3, 5, 9}, {2, 1, 9, 17}},
                                         {{4, 1, 6, 33}, {1, 1, 33, 2}}};
  for (const auto& [a, b] : cases)
    for (const bool constant : {false, true}) {
      GraphMaker maker;
      const Tensor of_a = random_bits(DataType::kUint8, a, maker.random),
                   of_b = random_bits(DataType::kInt8, b, maker.random);
      std::vector<RuntimeValue> inputs{of_a};
      std::vector<Value*> values{add_input(maker, of_a)};
      if (constant)
        values.push_back(maker.graph().add_initializer("b", of_b));
      else
        values.push_back(add_input(maker, of_b)), inputs.push_back(of_b);
      values.push_back(maker.graph().add_initializer("az", Tensor::scalar(uint8_t{3})));
      values.push_back(maker.graph().add_initializer("bz", Tensor::scalar(int8_t{-5})));
      expect_identical(maker, *maker.node("MatMulInteger", values)->producer(), inputs);
    }
}

// The zero point comes out of a sequence of which nothing is known.
void make_dequantize(GraphMaker& maker, const Tensor& x, const Tensor& scale, int64_t zero_points) {
  Graph& graph = maker.graph();
  Value* sequence = graph.add_input("sequence", Type::sequence(Type()));
  Value* image = add_input(maker, x);
  Value* position = graph.add_initializer("position", Tensor::scalar(int64_t{0}));
  Value* zero_point =
      maker.node("Reshape", {maker.node("SequenceAt", {sequence, position}), integers(maker, {zero_points})});
  graph.add_output(maker.node("DequantizeLinear", {image, graph.add_initializer("scale", scale), zero_point},
                              {{"axis", int64_t{0}}}));
}

TEST(HostileIntegers, AZeroPointOfUnknownTypeIsAnInput) {
  GraphMaker maker;
  const Tensor x = random_bits(DataType::kUint8, {64}, maker.random),
               zeros = random_bits(DataType::kUint8, {64}, maker.random);
  const Tensor scale = random_tensor({64}, maker.random);
  make_dequantize(maker, x, scale, 64);
  const std::vector<RuntimeValue> inputs{Sequence{zeros}, x};
  const auto expected =
      reference::run(*maker.model, {{"sequence", inputs[0]}, {maker.graph().inputs()[1]->name(), x}},
                     ops::standard_operators());
  for (int threads : {1, 2, 5})
    EXPECT_TRUE(identical(run_on_engine(maker, inputs, threads)[0].tensor(), expected[0].tensor()));
}

TEST(HostileIntegers, ZeroPointsOfUnknownTypeAreChecked) {
  GraphMaker maker;
  const Tensor x = random_bits(DataType::kUint8, {64}, maker.random);
  make_dequantize(maker, x, random_tensor({64}, maker.random), 1);
  const auto run = [&](const Tensor& zero_point) { run_on_engine(maker, {Sequence{zero_point}, x}, 1); };
  EXPECT_THAT([&] { run(Tensor::scalar(uint8_t{3})); }, ThrowsMessage<Error>(HasSubstr("DequantizeLinear")));
  EXPECT_THAT([&] { run(Tensor::scalar(3.0f)); }, ThrowsMessage<Error>(HasSubstr("DequantizeLinear")));
}

// A chain of tests that `roots` trees have in common.
Node* add_chain(GraphMaker& maker, const Tensor& examples, size_t length, size_t roots) {
  maker.model->opset_imports.set("ai.onnx.ml", 5);
  Node* node = maker.graph().add_node("TreeEnsemble", {add_input(maker, examples)}, 1, "ai.onnx.ml");
  const auto floats = [](const std::vector<float>& values) {
    return Constant{Tensor::from<float>({static_cast<int64_t>(values.size())}, values), {}, {}};
  };
  Ints next(length), is_last(length, 0);
  for (size_t i = 0; i < length; ++i) next[i] = static_cast<int64_t>(i + 1);
  next.back() = 1, is_last.back() = 1;
  node->set_attribute("nodes_featureids", Ints(length, 0));
  node->set_attribute(
      "nodes_modes",
      Constant{
          Tensor::from<uint8_t>({static_cast<int64_t>(length)}, std::vector<uint8_t>(length, 0)), {}, {}});
  node->set_attribute("nodes_splits", floats(std::vector<float>(length, 0.0f)));
  node->set_attribute("nodes_truenodeids", next);
  node->set_attribute("nodes_trueleafs", is_last);
  node->set_attribute("nodes_falsenodeids", Ints(length, 0));
  node->set_attribute("nodes_falseleafs", Ints(length, 1));
  node->set_attribute("leaf_targetids", Ints{0, 0});
  node->set_attribute("leaf_weights", floats({1, 2}));
  node->set_attribute("tree_roots", Ints(roots, 0));
  node->set_attribute("n_targets", int64_t{1});
  return node;
}

TEST(HostileIntegers, TreesThatTakeLongAreLeftToTheReference) {
  for (const auto& [length, roots] : {std::pair<size_t, size_t>{4096, 8192}, {4096, 16}}) {
    GraphMaker maker;
    const Tensor examples = Tensor::from<float>({2, 1}, std::vector<float>{1, 2});  // they leave at once
    const bool fast = length * roots < size_t{1} << 24;
    expect_identical(maker, *add_chain(maker, examples, length, roots), {examples}, fast);
    EXPECT_EQ(plan_of(maker, {examples})->steps()[0].kernel != nullptr, fast);
  }
}

TEST(HostileIntegers, CastsKnowTheirRoundModes) {
  for (const bool like : {false, true}) {
    GraphMaker maker;
    std::vector<Value*> inputs{maker.input({4})};
    if (like) inputs.push_back(maker.graph().add_initializer("like", Tensor::scalar(int32_t{0})));
    Value* out = maker.node(like ? "CastLike" : "Cast", inputs, {{"round_mode", std::string("sideways")}});
    if (!like) out->producer()->set_attribute("to", int64_t{6});
    maker.graph().add_output(out);
    EXPECT_THAT([&] { run_on_engine(maker, {Tensor(DataType::kFloat, {4})}, 1); },
                ThrowsMessage<Error>(AllOf(HasSubstr("Cast"), HasSubstr("sideways"))));
  }
}

}  // namespace
}  // namespace slipway::engine
