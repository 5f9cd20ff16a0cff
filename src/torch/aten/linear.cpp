// Matrix products with weights, and what is added to them.
#include "torch/aten/operands.hpp"
#include "torch/aten/shaping.hpp"

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

// _trilinear: three tensors, with axes of size 1 where `expand` says, multiplied and summed over axes
void convert_trilinear(Conversion& c) {
  const auto expanded = c.integers("expand1");
  const int64_t rank = c.rank("i1") + static_cast<int64_t>(expanded.size());
  if (rank > 26) c.refuse("it has too many axes");
  const auto letters = [&](const std::vector<int64_t>& without) {
    std::string text;
    for (const int64_t axis : other_axes(without, rank)) text += static_cast<char>('a' + axis);
    return text;
  };
  std::string equation = letters(expanded);
  for (const char* argument : {"expand2", "expand3"}) equation += "," + letters(c.integers(argument));
  equation += "->" + letters(c.integers("sumdim"));
  c.result(c.emit("Einsum", {c.tensor("i1"), c.tensor("i2"), c.tensor("i3")}, {{"equation", equation}}));
}

}  // namespace slipway::torch::aten
