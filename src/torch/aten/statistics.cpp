// Variances, deviations and norms.
#include <algorithm>
#include <cmath>
#include <limits>

#include "torch/aten/operands.hpp"
#include "torch/aten/reduction.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// What is taken off the number of elements: Bessel's 1, unless the call says otherwise.
double correction_of(const Conversion& c) {
  if (c.has("correction")) return c.number("correction");
  return c.truth("unbiased", true) ? 1 : 0;
}

// The number of elements less the correction, but not below 0.
Value* degrees_of_freedom(Conversion& c, const Reduction& reduction, DataType type) {
  const double correction = correction_of(c);
  const Shape& sizes = c.meta("self").sizes;
  Dim count = 1;
  for (const int64_t axis : reduction.list()) count = count * sizes[static_cast<size_t>(axis)];
  if (count.is_known()) return c.scalar(type, std::max(0.0, static_cast<double>(count.value()) - correction));
  Value* elements = count_of(c, reduction, sizes, type);
  if (correction == 0) return elements;
  Value* free = c.emit("Sub", {elements, c.scalar(type, correction)});
  return c.emit("Max", {free, c.scalar(type, 0.0)});
}

struct Moments {
  Value* mean;  // with its axes kept
  Value* variance;
};

Moments moments(Conversion& c, const Reduction& reduction) {
  const DataType type = c.result_meta().type;
  Value* self = operand(c, "self", type);
  Reduction kept = reduction;
  kept.keep = true;
  Value* mean = reduce(c, "ReduceMean", self, kept);
  Value* squares = reduce(c, "ReduceSumSquare", c.emit("Sub", {self, mean}), reduction);
  return {mean, c.emit("Div", {squares, degrees_of_freedom(c, reduction, type)})};
}

void convert_moments(Conversion& c, bool deviation) {
  const Reduction reduction = reduction_of(c);
  const Moments made = moments(c, reduction);
  c.result(0, deviation ? c.emit("Sqrt", {made.variance}) : made.variance);
  if (!c.is_used(1)) return;
  c.result(1, reduction.keep ? made.mean : squeeze(c, made.mean, reduction.list()));
}

// (Σ |x|^p)^(1/p)
Value* norm_of(Conversion& c, Value* self, double p, DataType type, const Reduction& reduction) {
  if (p == 2) return reduce(c, "ReduceL2", self, reduction);
  if (p == 1) return reduce(c, "ReduceL1", self, reduction);
  if (std::isinf(p)) return reduce(c, p > 0 ? "ReduceMax" : "ReduceMin", c.emit("Abs", {self}), reduction);
  if (p == 0) {
    Value* nonzero = c.emit("Not", {c.emit("Equal", {self, c.scalar(type, 0.0)})});
    return reduce(c, "ReduceSum", c.emit("Cast", {nonzero}, {{"to", type}}), reduction);
  }
  Value* powers = c.emit("Pow", {c.emit("Abs", {self}), c.scalar(type, p)});
  return c.emit("Pow", {reduce(c, "ReduceSum", powers, reduction), c.scalar(type, 1 / p)});
}

}  // namespace

// var, var_mean
void convert_var(Conversion& c) {
  convert_moments(c, false);
}

// std, std_mean
void convert_std(Conversion& c) {
  convert_moments(c, true);
}

// linalg_vector_norm, and norm of the older interface
void convert_norm(Conversion& c) {
  const DataType type = c.result_meta().type;
  const double p = c.has("ord") ? c.number("ord") : c.number("p", 2);
  c.result(norm_of(c, operand(c, "self", type), p, type, reduction_of(c)));
}

// linalg_norm, linalg_matrix_norm: of vectors by any power, of matrices by that of Frobenius.
void convert_linalg_norm(Conversion& c) {
  const DataType type = c.result_meta().type;
  const ir::Argument* order = c.call().find("ord");
  const bool by_name = order && order->as<std::string>();
  const bool frobenius =
      by_name ? c.text("ord") == "fro" : operator_name(c) == "linalg_matrix_norm" && !order;
  Reduction reduction = reduction_of(c);
  if (operator_name(c) == "linalg_matrix_norm" && !c.has("dim"))
    reduction.axes = {reduction.rank - 2, reduction.rank - 1};
  const size_t axes = reduction.list().size();
  const bool of_vectors = axes <= 1 || (!order && operator_name(c) == "linalg_norm");
  if (!of_vectors && !frobenius) c.refuse("this norm of matrices has no counterpart in ONNX");
  const double p = of_vectors && order && !by_name ? c.number("ord") : 2;
  c.result(norm_of(c, operand(c, "self", type), p, type, reduction));
}

// frobenius_norm
void convert_frobenius_norm(Conversion& c) {
  const DataType type = c.result_meta().type;
  c.result(norm_of(c, operand(c, "self", type), 2, type, reduction_of(c)));
}

// dist: the norm of the difference
void convert_dist(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* self = operand(c, "self", type);
  Value* difference = c.emit("Sub", {self, operand(c, "other", type)});
  c.result(norm_of(c, difference, c.number("p", 2), type, Reduction{}));
}

}  // namespace slipway::torch::aten
