#include "engine/kernels/float_product.hpp"

#include <fmt/format.h>

#include <cmath>

namespace slipway::engine {
namespace {

std::optional<FloatProduct> of_mat_mul(const KernelRequest& request) {
  const Dims &a = request.shapes.inputs[0], &b = request.shapes.inputs[1];
  if (a.empty() || b.empty()) return std::nullopt;
  FloatProduct p;
  static_cast<ProductShapes&>(p) = product_shapes(a, b, request.shapes.outputs[0]);
  p.a_row = p.k, p.a_column = 1, p.b_row = p.n, p.b_column = 1;
  return p;
}

// The factor is applied to A, which others would take out of the range of f32 or to 0.
bool keeps_range(float alpha) {
  return std::fabs(alpha) >= 0x1p-16f && std::fabs(alpha) <= 0x1p16f;
}

std::optional<FloatProduct> of_gemm(const KernelRequest& request) {
  const Node& node = request.node();
  const Dims &a = request.shapes.inputs[0], &out = request.shapes.outputs[0];
  const bool trans_a = node.int_attribute("transA", 0) != 0, trans_b = node.int_attribute("transB", 0) != 0;
  FloatProduct p;
  p.m = out[0], p.n = out[1], p.k = trans_a ? a[0] : a[1];
  p.a_row = trans_a ? 1 : p.k, p.a_column = trans_a ? p.m : 1;
  p.b_row = trans_b ? 1 : p.n, p.b_column = trans_b ? p.k : 1;
  p.alpha = node.float_attribute("alpha", 1.0f);
  if (!keeps_range(p.alpha)) return std::nullopt;
  if (node.input(2)) {
    const Dims& c = request.shapes.inputs[2];
    p.beta = node.float_attribute("beta", 1.0f);
    p.c_column = !c.empty() && c.back() != 1 ? 1 : 0;
    p.c_row = c.size() == 2 && c[0] != 1 ? c[1] : 0;
  }
  return p;
}

}  // namespace

std::string FloatProduct::packing_of_b() const {
  return fmt::format("{}x{}/{}/{}", k, n, b_row, b_column);
}

std::optional<FloatProduct> float_product(const KernelRequest& request) {
  if (!request.is_all_float()) return std::nullopt;
  auto product = request.node().is("Gemm") ? of_gemm(request) : of_mat_mul(request);
  if (product) product->clamp = request.fusion.clamp;
  return product;
}

}  // namespace slipway::engine
