// Derivatives of matrix products.
#include <numeric>

#include "passes/gradient/derivative_rules.hpp"

namespace slipway::passes {
namespace {

// The last two axes exchanged.
Value* transposed(Derivative& of, Value* matrices, size_t rank) {
  std::vector<int64_t> order(rank);
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[rank - 1], order[rank - 2]);
  return of.make("Transpose", {matrices}, {{"perm", order}});
}

// Vectors become matrices of one row (a) or one column (b), as MatMul takes them.
void derive_matmul(Derivative& of) {
  const size_t rank_a = of.rank(of.x(0)), rank_b = of.rank(of.x(1));
  Value *a = of.x(0), *b = of.x(1), *derivative = of.dy();
  if (rank_b == 1) {
    b = of.make("Unsqueeze", {b, of.integers({1})});
    derivative = of.make("Unsqueeze", {derivative, of.integers({-1})});
  }
  if (rank_a == 1) {
    a = of.make("Unsqueeze", {a, of.integers({0})});
    derivative = of.make("Unsqueeze", {derivative, of.integers({-2})});
  }
  const auto give = [&](size_t input, Value* product, Value* matrices) {
    of.give(input, of.reshaped_like(of.reduced_to(product, matrices), of.x(input)));
  };
  if (of.wants(0))
    give(0, of.make("MatMul", {derivative, transposed(of, b, std::max<size_t>(rank_b, 2))}), a);
  if (of.wants(1))
    give(1, of.make("MatMul", {transposed(of, a, std::max<size_t>(rank_a, 2)), derivative}), b);
}

// y = alpha · a' b' + beta · c, where ' may transpose. A product of two of the three matrices is the
// derivative of the other one.
void derive_gemm(Derivative& of) {
  const int64_t turned_a = of.node().int_attribute("transA", 0) != 0;
  const int64_t turned_b = of.node().int_attribute("transB", 0) != 0;
  const auto product = [&](Value* left, int64_t turn_left, Value* right, int64_t turn_right) {
    Value* made = of.make("Gemm", {left, right}, {{"transA", turn_left}, {"transB", turn_right}});
    return of.make("Mul", {made, of.number(of.node().float_attribute("alpha", 1), of.x(0))});
  };
  if (of.wants(0))
    of.give(0, turned_a ? product(of.x(1), turned_b, of.dy(), 1) : product(of.dy(), 0, of.x(1), !turned_b));
  if (of.wants(1))
    of.give(1, turned_b ? product(of.dy(), 1, of.x(0), turned_a) : product(of.x(0), !turned_a, of.dy(), 0));
  if (of.wants(2))
    of.give_broadcast(2, of.make("Mul", {of.dy(), of.number(of.node().float_attribute("beta", 1), of.x(0))}));
}

constexpr NamedRule kRules[] = {{"Gemm", derive_gemm}, {"MatMul", derive_matmul}};

}  // namespace

std::span<const NamedRule> matrix_rules() {
  return kRules;
}

}  // namespace slipway::passes
