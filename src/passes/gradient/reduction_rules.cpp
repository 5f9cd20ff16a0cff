// Derivatives of what works along axes: reductions and softmax.
#include "passes/gradient/derivative_rules.hpp"

namespace slipway::passes {
namespace {

using D = Derivative;

// What reduced axes it had, a reduction that keeps them has with size 1; so broadcasting undoes it.
Value* kept(D& of) {
  return of.node().int_attribute("keepdims", 1) != 0 ? of.y() : of.node_with(0, of.x(0), "keepdims", 1);
}
Value* spread(D& of, Value* value, Value* like_kept) {
  return of.make("Expand", {of.reshaped_like(value, like_kept), of.shape_of(of.x(0))});
}

void derive_sum(D& of) {
  of.give(0, spread(of, of.dy(), kept(of)));
}

void derive_mean(D& of) {
  Value* count = of.make("Div", {of.make("Size", {of.x(0)}), of.make("Size", {of.y()})});
  Value* share = of.make("Div", {of.dy(), of.make("CastLike", {count, of.x(0)})});
  of.give(0, spread(of, share, kept(of)));
}

void derive_l1(D& of) {
  of.give(0, of.make("Mul", {spread(of, of.dy(), kept(of)), of.make("Sign", {of.x(0)})}));
}

// At the origin, where it has none, the derivative is 0.
void derive_l2(D& of) {
  Value* norm = kept(of);
  Value* unit = of.make("Div", {of.x(0), norm});
  Value* zero = of.number(0, of.x(0));
  Value* slope = of.make("Where", {of.make("Equal", {norm, zero}), zero, unit});
  of.give(0, of.make("Mul", {spread(of, of.dy(), norm), slope}));
}

void derive_sum_square(D& of) {
  Value* slope = of.make("Mul", {of.x(0), of.number(2, of.x(0))});
  of.give(0, of.make("Mul", {spread(of, of.dy(), kept(of)), slope}));
}

void derive_log_sum(D& of) {
  Value* sum = kept(of);
  Value* slope = of.make("Exp", {of.make("Neg", {sum})});
  of.give(0, spread(of, of.make("Mul", {of.reshaped_like(of.dy(), sum), slope}), sum));
}

void derive_log_sum_exp(D& of) {
  Value* sum = kept(of);
  Value* slope = of.make("Exp", {of.make("Sub", {of.x(0), sum})});
  of.give(0, of.make("Mul", {spread(of, of.dy(), sum), slope}));
}

// Elements that are equally large share it, as in PyTorch's amax.
void derive_extreme(D& of) {
  Value* extreme = kept(of);
  Value* chosen = of.make("CastLike", {of.make("Equal", {of.x(0), extreme}), of.x(0)});
  std::vector<Value*> summed{chosen};
  if (of.x(1)) summed.push_back(of.x(1));
  Value* count = of.make("ReduceSum", summed,
                         {{"keepdims", int64_t{1}},
                          {"noop_with_empty_axes", of.node().int_attribute("noop_with_empty_axes", 0)}});
  Value* share = of.make("Div", {of.reshaped_like(of.dy(), extreme), count});
  of.give(0, of.make("Mul", {chosen, share}));
}

Value* sum_along(D& of, Value* value) {
  return of.make("ReduceSum", {value, of.integers({of.node().int_attribute("axis", -1)})},
                 {{"keepdims", int64_t{1}}});
}

void derive_softmax(D& of) {
  Value* weighted = of.make("Mul", {of.dy(), of.y()});
  of.give(0, of.make("Sub", {weighted, of.make("Mul", {of.y(), sum_along(of, weighted)})}));
}

void derive_log_softmax(D& of) {
  Value* share = of.make("Mul", {of.make("Exp", {of.y()}), sum_along(of, of.dy())});
  of.give(0, of.make("Sub", {of.dy(), share}));
}

constexpr NamedRule kRules[] = {
    {"LogSoftmax", derive_log_softmax},
    {"ReduceL1", derive_l1},
    {"ReduceL2", derive_l2},
    {"ReduceLogSum", derive_log_sum},
    {"ReduceLogSumExp", derive_log_sum_exp},
    {"ReduceMax", derive_extreme},
    {"ReduceMean", derive_mean},
    {"ReduceMin", derive_extreme},
    {"ReduceSum", derive_sum},
    {"ReduceSumSquare", derive_sum_square},
    {"Softmax", derive_softmax},
};

}  // namespace

std::span<const NamedRule> reduction_rules() {
  return kRules;
}

}  // namespace slipway::passes
