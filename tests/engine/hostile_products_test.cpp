// Products whose sizes a file chose to mislead: what is not the fast kernels' goes to the reference kernel,
// and memory stays in proportion to the tensors.
#include <gmock/gmock.h>

#include "engine/identical_model.hpp"
#include "engine/kernel.hpp"

namespace slipway::engine {
namespace {

constexpr double kProductTolerance = 3e-6;

// The plan of a model of one node.
std::shared_ptr<const Plan> plan_of(GraphMaker& maker, const Node& node, const std::vector<Dims>& inputs) {
  for (Value* output : node.outputs()) maker.graph().add_output(output);
  static Environment environment(1);
  auto copy = std::make_unique<slipway::Model>();
  copy->opset_imports = maker.model->opset_imports;
  copy->graph = clone(*maker.model->graph);
  std::vector<RuntimeValue> values;
  for (const Dims& dims : inputs) values.emplace_back(Tensor(DataType::kFloat, dims));
  return Model::make(std::move(copy), environment, {})->plan_for(values);
}

// Working memory of one thread, where a fast kernel runs the node.
size_t scratch_of(GraphMaker& maker, const Node& node, const std::vector<Dims>& inputs) {
  const auto plan = plan_of(maker, node, inputs);
  const Kernel* kernel = plan->steps().at(0).kernel;
  EXPECT_NE(kernel, nullptr);
  return kernel ? kernel->scratch_bytes(1) : 0;
}

TEST(HostileProducts, RefuseAnAddendThatDoesNotFit) {
  for (const Dims& c : {Dims{2}, Dims{2, 2}, Dims{3, 100}, Dims{1, 4, 100}}) {
    GraphMaker maker;
    Value* y = maker.node("Gemm", {maker.input({4, 8}), maker.weights({8, 100}), maker.weights(c)});
    EXPECT_THAT([&] { plan_of(maker, *y->producer(), {{4, 8}}); },
                testing::ThrowsMessage<Error>(testing::HasSubstr("does not broadcast to the product's")));
  }
}

// Both kernels pack the one constant, each in its own way.
TEST(HostileProducts, MultiplyOneConstantInSeveralForms) {
  GraphMaker maker;
  Value* weights = maker.weights({1024, 1});
  Value* other = maker.graph().add_initializer("r", weights->constant()->reshaped({1, 1024}));
  Value* outer = maker.node("Gemm", {maker.input({9, 1}, "x"), weights}, {{"transB", int64_t{1}}});
  Value* inner = maker.node("MatMul", {maker.input({9, 1024}, "y"), weights});
  Value* view = maker.node("MatMul", {maker.input({9, 1}, "z"), other});
  const std::vector<RuntimeValue> inputs{random_tensor({9, 1}, maker.random),
                                         random_tensor({9, 1024}, maker.random),
                                         random_tensor({9, 1}, maker.random)};
  for (Value* output : {outer, inner, view}) maker.graph().add_output(output);
  const auto expected = reference::run(*maker.model, {{"x", inputs[0]}, {"y", inputs[1]}, {"z", inputs[2]}},
                                       ops::standard_operators());
  const auto got = run_on_engine(maker, inputs, 1);
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_LE(relative_error(got[i].tensor(), expected[i].tensor()), kProductTolerance) << "output " << i;
}

TEST(HostileProducts, KeepFactorsWithinTheRangeOfFloats) {
  for (const auto& [a, b, alpha] : {std::array{1e-30f, 1e30f, 1e-20f}, std::array{1e30f, 1e-30f, 1e20f}}) {
    GraphMaker maker;
    const Tensor left = Tensor::from<float>({1, 1}, std::vector<float>{a});
    Value* y = maker.node(
        "Gemm", {add_input(maker, left),
                 maker.graph().add_initializer("b", Tensor::from<float>({1, 1}, std::vector<float>{b}))});
    y->producer()->set_attribute("alpha", alpha);
    expect_node_like_reference(maker, *y->producer(), {left}, kProductTolerance, false);
  }
}

TEST(HostileProducts, PanelsOfFewColumnsAreNarrow) {
  GraphMaker maker;
  constexpr int64_t kDepth = 1 << 16;
  Value* y = maker.node("Gemm", {maker.input({1, kDepth}, "a"), maker.input({1, kDepth}, "b")},
                        {{"transB", int64_t{1}}});
  EXPECT_LE(scratch_of(maker, *y->producer(), {{1, kDepth}, {1, kDepth}}), 25 * kDepth * sizeof(float));
}

TEST(HostileProducts, FewKeysTakeLittleMemory) {
  GraphMaker maker;
  constexpr int64_t kSize = 1 << 12;
  const Dims dims{1, 1, 1, kSize};
  Value* y =
      maker.node("Attention", {maker.input(dims, "q"), maker.input(dims, "k"), maker.input(dims, "v")});
  EXPECT_LE(scratch_of(maker, *y->producer(), {dims, dims, dims}), 8 * kSize * sizeof(float));
}

TEST(HostileProducts, FewRowsTakeLittleMemory) {
  GraphMaker maker;
  const Dims a{512, 512}, b{512, 512, 8};
  Value* y = maker.node("Einsum", {maker.input(a, "a"), maker.input(b, "b")});
  y->producer()->set_attribute("equation", std::string("ij,jik->k"));
  EXPECT_LE(scratch_of(maker, *y->producer(), {a, b}), size_t{32} * 512 * 512 * sizeof(float));
}

// Of all pairs of eight letters the joins make a table of the first seven: 2^56 elements.
TEST(HostileProducts, EinsumWhoseIntermediatesAreTooLarge) {
  GraphMaker maker;
  Value* x = maker.input({256, 256});
  std::string equation;
  std::vector<Value*> operands;
  for (char a = 'a'; a <= 'h'; ++a)
    for (char b = static_cast<char>(a + 1); b <= 'h'; ++b) {
      equation += std::string(equation.empty() ? "" : ",") + a + b;
      operands.push_back(x);
    }
  Value* y = maker.node("Einsum", operands);
  y->producer()->set_attribute("equation", equation + "->");
  EXPECT_EQ(plan_of(maker, *y->producer(), {{256, 256}})->steps().at(0).kernel, nullptr);
}

TEST(HostileProducts, EinsumOfManyOperands) {
  GraphMaker maker;
  const Tensor tensor = random_tensor({2, 2}, maker.random);
  Value* x = add_input(maker, tensor);
  std::string equation = "ab";
  for (int i = 1; i < 40; ++i) equation += ",ab";
  Value* y = maker.node("Einsum", std::vector<Value*>(40, x));
  y->producer()->set_attribute("equation", equation + "->");
  expect_node_like_reference(maker, *y->producer(), {tensor}, kProductTolerance, false);
}

TEST(HostileProducts, ManySequencesOfOneUnit) {
  GraphMaker maker;
  constexpr int64_t kSequences = 1 << 20;
  const Dims dims{1, kSequences, 1};
  Value* y = maker.node("LSTM", {maker.input(dims), maker.weights({1, 4, 1}), maker.weights({1, 4, 1})});
  y->producer()->set_attribute("hidden_size", int64_t{1});
  // By a kernel whose vectors are short enough, or by none.
  const auto plan = plan_of(maker, *y->producer(), {dims});
  const Kernel* kernel = plan->steps().at(0).kernel;
  EXPECT_LE(kernel ? kernel->scratch_bytes(1) : 0, 64 * kSequences * sizeof(float));
}

}  // namespace
}  // namespace slipway::engine
