// Distances and angles between vectors.
#include <fmt/format.h>

#include <cmath>

#include "torch/aten/operands.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// From so many vectors on, PyTorch multiplies matrices for Euclidean distances.
constexpr int64_t kManyVectors = 25;
// The list of all pairs of more is too long for a file.
constexpr int64_t kMostPaired = 1 << 11;

Value* number(Conversion& c, double value) {
  return c.scalar(c.result_meta().type, value);
}

// The p-norm along an axis.
Value* norm(Conversion& c, Value* vectors, double p, int64_t axis, bool keep) {
  const auto reduce = [&](const char* op_type, Value* value) {
    return c.emit(op_type, {value, c.ints({axis})}, keep ? Attributes{} : Attributes{{"keepdims", 0}});
  };
  if (p == 1) return reduce("ReduceL1", vectors);
  if (p == 2) return reduce("ReduceL2", vectors);
  Value* sizes = c.emit("Abs", {vectors});
  if (std::isinf(p)) return reduce(p > 0 ? "ReduceMax" : "ReduceMin", sizes);
  if (p == 0) {
    Value* counted =
        c.emit("Cast", {c.emit("Greater", {sizes, number(c, 0)})}, {{"to", c.result_meta().type}});
    return reduce("ReduceSum", counted);
  }
  Value* sum = reduce("ReduceSum", c.emit("Pow", {sizes, number(c, p)}));
  return c.emit("Pow", {sum, number(c, 1 / p)});
}

// sqrt(a·a + b·b - 2·a·b) without a tensor of all differences
Value* euclidean_by_product(Conversion& c, Value* a, Value* b) {
  const int64_t rank = c.rank("x2");
  std::vector<int64_t> perm(static_cast<size_t>(rank));
  for (int64_t i = 0; i < rank; ++i) perm[static_cast<size_t>(i)] = i;
  std::swap(perm.end()[-1], perm.end()[-2]);
  const auto turned = [&](Value* value) { return c.emit("Transpose", {value}, {{"perm", perm}}); };
  Value* a_squares = c.emit("ReduceSumSquare", {a, c.ints({-1})});
  Value* b_squares = turned(c.emit("ReduceSumSquare", {b, c.ints({-1})}));
  Value* product = c.emit("Mul", {c.emit("MatMul", {a, turned(b)}), number(c, 2)});
  Value* squares = c.emit("Sub", {c.emit("Add", {a_squares, b_squares}), product});
  return c.emit("Sqrt", {c.emit("Max", {squares, number(c, 0)})});
}

// As PyTorch decides; 1: where there are many, 2: never.
bool by_product(const Conversion& c, double p) {
  const int64_t mode = c.integer("compute_mode", 0);
  if (p != 2 || mode == 2) return false;
  if (mode == 1) return true;
  for (const char* argument : {"x1", "x2"})
    if (const Dim& count = c.meta(argument).sizes.end()[-2];
        !count.is_known() || count.value() > kManyVectors)
      return true;
  return false;
}

}  // namespace

// cdist, _cdist_forward: [.., p, size] and [.., r, size] to [.., p, r]
void convert_cdist(Conversion& c) {
  if (c.rank("x1") < 2 || c.rank("x2") < 2) c.refuse("its inputs have less than two axes");
  const double p = c.number("p", 2);
  Value *a = c.tensor("x1"), *b = c.tensor("x2");
  if (by_product(c, p)) return c.result(euclidean_by_product(c, a, b));
  Value* apart =
      c.emit("Sub", {c.emit("Unsqueeze", {a, c.ints({-2})}), c.emit("Unsqueeze", {b, c.ints({-3})})});
  c.result(norm(c, apart, p, -1, false));
}

// pdist, _pdist_forward: of each row of [n, size] and each behind it, [n·(n-1)/2]
void convert_pdist(Conversion& c) {
  if (c.rank("self") != 2) c.refuse("its input must have two axes");
  const Dim& count = c.meta("self").sizes[0];
  if (!count.is_known()) c.refuse("how many vectors there are must be known: it pairs them");
  std::vector<int64_t> first, second;
  if (count.value() > kMostPaired)
    c.refuse(fmt::format("{} vectors are too many to be paired", count.value()));
  for (int64_t i = 0; i < count.value(); ++i)
    for (int64_t j = i + 1; j < count.value(); ++j) {
      first.push_back(i);
      second.push_back(j);
    }
  Value* self = c.tensor("self");
  Value* left = gather(c, self, c.ints(first), 0);
  c.result(norm(c, c.emit("Sub", {left, gather(c, self, c.ints(second), 0)}), c.number("p", 2), -1, false));
}

// |x1 - x2 + eps|
void convert_pairwise_distance(Conversion& c) {
  Value* apart = c.emit("Sub", {c.tensor("x1"), c.tensor("x2")});
  apart = c.emit("Add", {apart, number(c, c.number("eps", 1e-6))});
  c.result(norm(c, apart, c.number("p", 2), -1, c.truth("keepdim", false)));
}

// x1/|x1| · x2/|x2|, lengths not below eps
void convert_cosine_similarity(Conversion& c) {
  const auto rank = static_cast<int64_t>(std::max(c.rank("x1"), c.rank("x2")));
  // Counted from behind, so that it is the same axis of both.
  const int64_t axis = c.axis("dim", rank, 1) - rank;
  const double least = c.number("eps", 1e-8);
  const auto unit = [&](const char* argument) {
    Value* vectors = operand(c, argument, c.result_meta().type);
    Value* length = c.emit("Max", {c.emit("ReduceL2", {vectors, c.ints({axis})}), number(c, least)});
    return c.emit("Div", {vectors, length});
  };
  Value* products = c.emit("Mul", {unit("x1"), unit("x2")});
  c.result(c.emit("ReduceSum", {products, c.ints({axis})}, {{"keepdims", 0}}));
}

}  // namespace slipway::torch::aten
