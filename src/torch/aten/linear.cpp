// Matrix products with weights, and what is added to them.
#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {
namespace {

Value* plus_bias(Conversion& c, Value* product) {
  return c.has("bias") ? c.emit("Add", {product, c.tensor("bias")}) : product;
}

}  // namespace

// x·Wᵀ + b
void convert_linear(Conversion& c) {
  Value *input = c.tensor("input"), *weight = c.tensor("weight");
  if (c.rank("weight") == 1) return c.result(plus_bias(c, c.emit("MatMul", {input, weight})));
  if (c.rank("input") == 2) {
    c.result(c.emit("Gemm", {input, weight, c.optional_tensor("bias")}, {{"transB", 1}}));
    return;
  }
  Value* turned = c.emit("Transpose", {weight}, {{"perm", std::vector<int64_t>{1, 0}}});
  c.result(plus_bias(c, c.emit("MatMul", {input, turned})));
}

// x1ᵀ·W·x2 + b for each output
void convert_bilinear(Conversion& c) {
  Value* product = c.emit("Einsum", {c.tensor("input1"), c.tensor("weight"), c.tensor("input2")},
                          {{"equation", "...i,kij,...j->...k"}});
  c.result(plus_bias(c, product));
}

}  // namespace slipway::torch::aten
