// Convolutions and matrix products with what stood in front of them or behind.
#include <algorithm>
#include <numeric>

#include "onnx/opset/contrib/fused_activation.hpp"
#include "onnx/opset/contrib/rules.hpp"
#include "onnx/opset/node_conversion.hpp"

namespace slipway::contrib_rule {
namespace {

// `batches_behind`: the first axis is the matrix's, those between it and the last are the batches.
Value* turned(NodeConversion& upgrade, Value* matrix, bool batches_behind, bool transposed) {
  const auto rank = upgrade.rank(matrix);
  if (rank && *rank < 2) return matrix;
  if (!rank && !batches_behind && !transposed) return matrix;
  if (!rank) {
    const char* equation = transposed ? "a...b->...ba" : "a...b->...ab";
    return upgrade.make("Einsum", {matrix}, {{"equation", batches_behind ? equation : "...ab->...ba"}});
  }
  std::vector<int64_t> order(*rank);
  std::iota(order.begin(), order.end(), int64_t{0});
  if (batches_behind) std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (transposed) std::swap(order[*rank - 2], order[*rank - 1]);
  if (std::is_sorted(order.begin(), order.end())) return matrix;
  return upgrade.make("Transpose", {matrix}, {{"perm", std::move(order)}});
}

}  // namespace

void fused_conv(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  const FusedActivation activation = take_fused_activation(upgrade);
  Value* result = upgrade.make_inheriting("Conv", {node.input(0), node.input(1), node.input(2)});
  if (node.input(3)) result = upgrade.make("Add", {result, node.input(3)});
  upgrade.finish(activate(upgrade, activation, result));
}

void fused_gemm(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  const FusedActivation activation = take_fused_activation(upgrade);
  Value* result = upgrade.make_inheriting("Gemm", {node.input(0), node.input(1), node.input(2)});
  upgrade.finish(activate(upgrade, activation, result));
}

// FusedMatMul, and TransposeMatMul and FusedMatMulActivation, which have less and more of the attributes.
void fused_matmul(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  const FusedActivation activation = take_fused_activation(upgrade);
  const auto take_flag = [&](const char* name) { return upgrade.take_int(name).value_or(0) != 0; };
  const bool a_batches_behind = take_flag("transBatchA"), b_batches_behind = take_flag("transBatchB");
  Value* a = turned(upgrade, node.input(0), a_batches_behind, take_flag("transA"));
  Value* b = turned(upgrade, node.input(1), b_batches_behind, take_flag("transB"));
  const float alpha = upgrade.take_float("alpha").value_or(1);
  Value* result = upgrade.make("MatMul", {a, b});
  if (alpha != 1) result = upgrade.make("Mul", {result, upgrade.add_scalar_like(node.input(0), alpha)});
  upgrade.finish(activate(upgrade, activation, result));
}

}  // namespace slipway::contrib_rule
