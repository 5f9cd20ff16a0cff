// Derivatives of operators that work on each element alone. Where a function has a corner they are PyTorch's.
#include <cmath>
#include <numbers>

#include "passes/gradient/derivative_rules.hpp"

namespace slipway::passes {
namespace {

using D = Derivative;

Value* add(D& of, Value* a, Value* b) {
  return of.make("Add", {a, b});
}
Value* subtract(D& of, Value* a, Value* b) {
  return of.make("Sub", {a, b});
}
Value* multiply(D& of, Value* a, Value* b) {
  return of.make("Mul", {a, b});
}
Value* divide(D& of, Value* a, Value* b) {
  return of.make("Div", {a, b});
}
Value* negative(D& of, Value* a) {
  return of.make("Neg", {a});
}
Value* one(D& of) {
  return of.number(1, of.x(0));
}
Value* zero(D& of) {
  return of.number(0, of.x(0));
}
Value* square(D& of, Value* a) {
  return multiply(of, a, a);
}

// --- one input: dx = dy · slope ---

using Slope = Value* (*)(D&);
template <Slope kSlope>
void by_slope(D& of) {
  of.give(0, multiply(of, of.dy(), kSlope(of)));
}

Value* sign_of_x(D& of) {
  return of.make("Sign", {of.x(0)});
}
Value* y_itself(D& of) {
  return of.y();
}
Value* slope_of_sqrt(D& of) {
  return divide(of, of.number(0.5, of.x(0)), of.y());
}
Value* slope_of_reciprocal(D& of) {
  return negative(of, square(of, of.y()));
}
Value* slope_of_log(D& of) {
  return divide(of, one(of), of.x(0));
}
Value* minus_one(D& of) {
  return of.number(-1, of.x(0));
}
Value* cosine(D& of) {
  return of.make("Cos", {of.x(0)});
}
Value* minus_sine(D& of) {
  return negative(of, of.make("Sin", {of.x(0)}));
}
Value* slope_of_tan(D& of) {
  return add(of, one(of), square(of, of.y()));
}
Value* hyperbolic_cosine(D& of) {
  return of.make("Cosh", {of.x(0)});
}
Value* hyperbolic_sine(D& of) {
  return of.make("Sinh", {of.x(0)});
}
Value* slope_of_tanh(D& of) {
  return subtract(of, one(of), square(of, of.y()));
}
Value* slope_of_asin(D& of) {
  return divide(of, one(of), of.make("Sqrt", {subtract(of, one(of), square(of, of.x(0)))}));
}
Value* slope_of_acos(D& of) {
  return negative(of, slope_of_asin(of));
}
Value* slope_of_atan(D& of) {
  return divide(of, one(of), add(of, one(of), square(of, of.x(0))));
}
Value* slope_of_sigmoid(D& of) {
  return multiply(of, of.y(), subtract(of, one(of), of.y()));
}
Value* slope_of_erf(D& of) {
  return multiply(of, of.number(2 / std::sqrt(std::numbers::pi), of.x(0)),
                  of.make("Exp", {negative(of, square(of, of.x(0)))}));
}
Value* sigmoid_of_x(D& of) {
  return of.make("Sigmoid", {of.x(0)});
}
Value* slope_of_softsign(D& of) {
  return divide(of, one(of), square(of, add(of, one(of), of.make("Abs", {of.x(0)}))));
}

// Chosen, not multiplied: what is cut off may be infinite.
Value* where_positive(D& of, Value* then, Value* otherwise) {
  return of.make("Where", {of.make("Greater", {of.x(0), zero(of)}), then, otherwise});
}

void derive_relu(D& of) {
  of.give(0, where_positive(of, of.dy(), zero(of)));
}

void derive_leaky_relu(D& of) {
  Value* alpha = of.number(of.node().float_attribute("alpha", 0.01F), of.x(0));
  of.give(0, where_positive(of, of.dy(), multiply(of, of.dy(), alpha)));
}

void derive_elu(D& of) {
  Value* alpha = of.number(of.node().float_attribute("alpha", 1), of.x(0));
  of.give(0, where_positive(of, of.dy(), multiply(of, of.dy(), add(of, of.y(), alpha))));
}

void derive_clip(D& of) {
  Value* derivative = of.dy();
  if (of.x(1))
    derivative = of.make("Where", {of.make("GreaterOrEqual", {of.x(0), of.x(1)}), derivative, zero(of)});
  if (of.x(2))
    derivative = of.make("Where", {of.make("LessOrEqual", {of.x(0), of.x(2)}), derivative, zero(of)});
  of.give(0, derivative);
}

void pass_on(D& of) {
  of.give(0, of.dy());
}

void derive_cast(D& of) {
  of.give(0, of.make("CastLike", {of.dy(), of.x(0)}));
}

// Constant wherever it has a derivative, or nothing that has one.
void pass_nothing(D&) {}

// --- two inputs ---

void derive_add(D& of) {
  for (const size_t input : {0U, 1U})
    if (of.wants(input)) of.give_broadcast(input, of.dy());
}

void derive_sub(D& of) {
  if (of.wants(0)) of.give_broadcast(0, of.dy());
  if (of.wants(1)) of.give_broadcast(1, negative(of, of.dy()));
}

void derive_mul(D& of) {
  if (of.wants(0)) of.give_broadcast(0, multiply(of, of.dy(), of.x(1)));
  if (of.wants(1)) of.give_broadcast(1, multiply(of, of.dy(), of.x(0)));
}

void derive_div(D& of) {
  Value* quotient = divide(of, of.dy(), of.x(1));
  if (of.wants(0)) of.give_broadcast(0, quotient);
  if (of.wants(1)) of.give_broadcast(1, negative(of, multiply(of, quotient, of.y())));
}

// Base and exponent may be of different types. Nothing depends on a base whose exponent is 0, nor on the
// exponent of 0, whatever the formulas say.
void derive_pow(D& of) {
  Value* exponent = of.make("CastLike", {of.x(1), of.x(0)});
  if (of.wants(0)) {
    Value* power = of.make("Pow", {of.x(0), subtract(of, exponent, one(of))});
    Value* derivative = multiply(of, of.dy(), multiply(of, exponent, power));
    Value* is_constant = of.make("Equal", {exponent, zero(of)});
    of.give_broadcast(0, of.make("Where", {is_constant, zero(of), derivative}));
  }
  if (of.wants(1)) {
    Value* derivative = multiply(of, of.dy(), multiply(of, of.y(), of.make("Log", {of.x(0)})));
    Value* is_zero = of.make("Equal", {of.x(0), zero(of)});
    Value* chosen = of.make("Where", {is_zero, zero(of), derivative});
    of.give_broadcast(1, of.make("CastLike", {chosen, of.x(1)}));
  }
}

// --- any number of inputs ---

void derive_sum(D& of) {
  for (size_t i = 0; i < of.node().inputs().size(); ++i)
    if (of.wants(i)) of.give_broadcast(i, of.dy());
}

void derive_mean(D& of) {
  const auto count = static_cast<double>(of.node().inputs().size());
  for (size_t i = 0; i < of.node().inputs().size(); ++i)
    if (of.wants(i)) of.give_broadcast(i, divide(of, of.dy(), of.number(count, of.x(0))));
}

// Inputs that are equally large share it.
void derive_extreme(D& of) {
  std::vector<Value*> chosen;
  for (Value* input : of.node().inputs())
    chosen.push_back(of.make("CastLike", {of.make("Equal", {input, of.y()}), of.x(0)}));
  Value* share = divide(of, of.dy(), of.make("Sum", chosen));
  for (size_t i = 0; i < chosen.size(); ++i)
    if (of.wants(i)) of.give_broadcast(i, multiply(of, share, chosen[i]));
}

void derive_where(D& of) {
  Value* none = of.number(0, of.x(1));
  if (of.wants(1)) of.give_broadcast(1, of.make("Where", {of.x(0), of.dy(), none}));
  if (of.wants(2)) of.give_broadcast(2, of.make("Where", {of.x(0), none, of.dy()}));
}

constexpr NamedRule kRules[] = {
    {"Abs", by_slope<sign_of_x>},
    {"Acos", by_slope<slope_of_acos>},
    {"Add", derive_add},
    {"And", pass_nothing},
    {"ArgMax", pass_nothing},
    {"ArgMin", pass_nothing},
    {"Asin", by_slope<slope_of_asin>},
    {"Atan", by_slope<slope_of_atan>},
    {"Cast", derive_cast},
    {"CastLike", derive_cast},
    {"Ceil", pass_nothing},
    {"Clip", derive_clip},
    {"Cos", by_slope<minus_sine>},
    {"Cosh", by_slope<hyperbolic_sine>},
    {"Div", derive_div},
    {"Elu", derive_elu},
    {"Equal", pass_nothing},
    {"Erf", by_slope<slope_of_erf>},
    {"Exp", by_slope<y_itself>},
    {"Floor", pass_nothing},
    {"Greater", pass_nothing},
    {"GreaterOrEqual", pass_nothing},
    {"Identity", pass_on},
    {"IsInf", pass_nothing},
    {"IsNaN", pass_nothing},
    {"LeakyRelu", derive_leaky_relu},
    {"Less", pass_nothing},
    {"LessOrEqual", pass_nothing},
    {"Log", by_slope<slope_of_log>},
    {"Max", derive_extreme},
    {"Mean", derive_mean},
    {"Min", derive_extreme},
    {"Mul", derive_mul},
    {"Neg", by_slope<minus_one>},
    {"NonZero", pass_nothing},
    {"Not", pass_nothing},
    {"Or", pass_nothing},
    {"Pow", derive_pow},
    {"Reciprocal", by_slope<slope_of_reciprocal>},
    {"Relu", derive_relu},
    {"Round", pass_nothing},
    {"Shape", pass_nothing},
    {"Sigmoid", by_slope<slope_of_sigmoid>},
    {"Sign", pass_nothing},
    {"Sin", by_slope<cosine>},
    {"Sinh", by_slope<hyperbolic_cosine>},
    {"Size", pass_nothing},
    {"Softplus", by_slope<sigmoid_of_x>},
    {"Softsign", by_slope<slope_of_softsign>},
    {"Sqrt", by_slope<slope_of_sqrt>},
    {"Sub", derive_sub},
    {"Sum", derive_sum},
    {"Tan", by_slope<slope_of_tan>},
    {"Tanh", by_slope<slope_of_tanh>},
    {"Where", derive_where},
    {"Xor", pass_nothing},
};

}  // namespace

std::span<const NamedRule> elementwise_rules() {
  return kRules;
}

}  // namespace slipway::passes
