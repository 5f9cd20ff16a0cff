// Products whose operands are bf16, against f32 products of operands that were rounded beforehand: only the
// order of sums differs. Where the machine has no instructions for bf16, the f32 kernels are tested.
#include "engine/isa.hpp"
#include "engine/random_model.hpp"
#include "ops/private_attributes.hpp"
#include "tensor/small_float.hpp"

namespace slipway::engine {
namespace {

Tensor rounded(const Tensor& tensor) {
  Tensor result = tensor.clone();
  for (float& value : result.data<float>()) value = static_cast<float>(Bfloat16(value));
  return result;
}

// A model of one product, in the two forms: operands as they come, and rounded.
struct Product {
  std::string op_type;
  Dims input, weights;
  bool weights_are_input = false;
  std::vector<GraphMaker::Setting> settings = {};
  Dims addend = {};  // Gemm's C or Conv's bias

  Tensor run(bool by_kernel, int threads) const {
    GraphMaker maker;
    const Tensor x = random_tensor(input, maker.random), w = random_tensor(weights, maker.random);
    const Tensor c = random_tensor(addend, maker.random);
    const auto form = [&](const Tensor& tensor) { return by_kernel ? tensor : rounded(tensor); };
    std::vector<RuntimeValue> fed{form(x)};
    std::vector<Value*> inputs{maker.input(input)};
    if (weights_are_input)
      inputs.push_back(maker.input(weights, "w")), fed.emplace_back(form(w));
    else
      inputs.push_back(maker.graph().add_initializer("w", form(w)));
    if (!addend.empty()) inputs.push_back(maker.graph().add_initializer("c", c));
    Value* made = maker.node(op_type, inputs, settings);
    if (by_kernel) made->producer()->set_attribute(std::string(ops::kMultiplyAs), std::string("bf16"));
    maker.graph().add_output(maker.node("Relu", {made}));
    return run_on_engine(maker, fed, threads)[0].tensor();
  }
};

void check(const Product& product) {
  const Tensor expected = product.run(false, 1), made = product.run(true, 1);
  const double error = relative_error(made, expected);
  if (has_avx512bf16()) {
    EXPECT_LE(error, 1e-6) << product.op_type;
  } else {
    // Nothing is rounded then: off by two roundings of 2^-9 for each product.
    EXPECT_LE(error, 2e-2) << product.op_type;
    EXPECT_GT(error, 1e-6) << product.op_type;
  }
  for (int threads : {2, 5})
    EXPECT_TRUE(identical(product.run(true, threads), made)) << threads << " threads";
}

TEST(Bfloat16, MatMul) {
  check({"MatMul", {8, 32}, {32, 48}});
  check({"MatMul", {5, 7}, {7, 3}});
  check({"MatMul", {17, 1}, {1, 49}});
  check({"MatMul", {33, 513}, {513, 97}});
  check({"MatMul", {3, 9, 21}, {3, 21, 50}, true});
  check({"MatMul", {2, 3, 9, 20}, {3, 20, 16}, true});
}

TEST(Bfloat16, Gemm) {
  check({"Gemm", {12, 31}, {31, 20}, false, {}, {20}});
  check({"Gemm",
         {12, 31},
         {20, 31},
         false,
         {{"transB", int64_t{1}}, {"alpha", 0.5f}, {"beta", 2.0f}},
         {12, 1}});
  check({"Gemm", {31, 12}, {20, 31}, true, {{"transA", int64_t{1}}, {"transB", int64_t{1}}}, {12, 20}});
}

TEST(Bfloat16, Conv) {
  const std::vector<int64_t> one{1, 1, 1, 1}, two{2, 2};
  check({"Conv", {1, 16, 9, 11}, {40, 16, 3, 3}, false, {{"pads", one}}, {40}});
  check({"Conv", {2, 35, 7, 5}, {33, 35, 1, 1}});
  check({"Conv", {1, 6, 13, 17}, {64, 3, 3, 3}, false, {{"group", int64_t{2}}, {"strides", two}}, {64}});
  check({"Conv", {1, 6, 3, 5, 17}, {35, 6, 2, 3, 3}, false, {}, {35}});
}

}  // namespace
}  // namespace slipway::engine
