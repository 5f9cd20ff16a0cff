// Losses: how far a result is from what was wanted.
#include <fmt/format.h>

#include "torch/aten/normalization.hpp"
#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {
namespace {

enum Reduction : int64_t { kNone = 0, kMean = 1, kSum = 2 };

Value* number(Conversion& c, double value) {
  return c.scalar(c.result_meta().type, value);
}

Value* input(Conversion& c, const char* argument) {
  return operand(c, argument, c.result_meta().type);
}

Value* difference(Conversion& c) {
  return c.emit("Sub", {input(c, "self"), input(c, "target")});
}

Value* clipped_below(Conversion& c, Value* value, double least) {
  return c.emit("Max", {value, number(c, least)});
}

int64_t reduction(const Conversion& c) {
  const int64_t kind = c.integer("reduction", kMean);
  if (kind < kNone || kind > kSum) c.refuse(fmt::format("its reduction {} is none of 0, 1 and 2", kind));
  return kind;
}

void reduced(Conversion& c, Value* losses) {
  switch (reduction(c)) {
    case kNone:
      return c.result(losses);
    case kMean:
      return c.result(c.emit("ReduceMean", {losses}, {{"keepdims", 0}}));
    default:
      return c.result(c.emit("ReduceSum", {losses}, {{"keepdims", 0}}));
  }
}

// What ONNX's losses over classes say beside the scores.
Attributes class_loss_attributes(const Conversion& c) {
  constexpr const char* kNames[] = {"none", "mean", "sum"};
  Attributes attributes;
  if (const int64_t kind = reduction(c); kind != kMean) attributes.emplace_back("reduction", kNames[kind]);
  attributes.emplace_back("ignore_index", c.any_integer("ignore_index", -100));
  return attributes;
}

// The loss for one sample is that for a batch of one; ONNX's loss has no form for it.
void class_loss(Conversion& c, const char* op_type) {
  require_first_result_only(c);
  Value *scores = c.tensor("self"), *target = c.cast(c.tensor("target"), DataType::kInt64);
  const bool batched = c.rank("self") > 1;
  if (!batched) {
    scores = c.emit("Unsqueeze", {scores, c.ints({0})});
    target = c.emit("Unsqueeze", {target, c.ints({0})});
  }
  Value* loss = c.emit(op_type, {scores, target, c.optional_tensor("weight")}, class_loss_attributes(c));
  c.result(!batched && reduction(c) == kNone ? c.emit("Squeeze", {loss, c.ints({0})}) : loss);
}

// A weight for each class, for broadcasting along the axis of classes.
Value* beside_classes(Conversion& c, Value* weight) {
  std::vector<int64_t> axes;
  for (int64_t axis = 1; axis < c.rank("self") - 1; ++axis) axes.push_back(axis);
  return axes.empty() ? weight : c.emit("Unsqueeze", {weight, c.ints(axes)});
}

// The target gives a probability for each class.
void soft_class_loss(Conversion& c) {
  if (c.rank("self") < 1) c.refuse("its input has no classes");
  const bool batched = c.rank("self") > 1;
  const int64_t axis = batched ? 1 : 0;
  Value* target = input(c, "target");
  if (const double smoothing = c.number("label_smoothing", 0); smoothing != 0) {
    const Dim& classes = c.meta("self").sizes[static_cast<size_t>(axis)];
    if (!classes.is_known()) c.refuse("label_smoothing needs a number of classes that is known");
    target = c.emit("Add", {c.emit("Mul", {target, number(c, 1 - smoothing)}),
                            number(c, smoothing / static_cast<double>(classes.value()))});
  }
  Value* terms = c.emit("Mul", {c.emit("LogSoftmax", {input(c, "self")}, {{"axis", axis}}), target});
  if (c.has("weight")) terms = c.emit("Mul", {terms, beside_classes(c, c.tensor("weight"))});
  Value* losses = c.emit("Neg", {c.emit("ReduceSum", {terms, c.ints({axis})}, {{"keepdims", 0}})});
  reduced(c, losses);
}

}  // namespace

void convert_mse_loss(Conversion& c) {
  Value* apart = difference(c);
  reduced(c, c.emit("Mul", {apart, apart}));
}

void convert_l1_loss(Conversion& c) {
  reduced(c, c.emit("Abs", {difference(c)}));
}

// |d| < beta ? d²/(2·beta) : |d| - beta/2
void convert_smooth_l1_loss(Conversion& c) {
  const double beta = c.number("beta", 1);
  Value *apart = difference(c), *far = c.emit("Abs", {apart});
  if (beta == 0) return reduced(c, far);
  Value* near = c.emit("Mul", {c.emit("Mul", {apart, apart}), number(c, 0.5 / beta)});
  Value* is_near = c.emit("Less", {far, number(c, beta)});
  reduced(c, c.emit("Where", {is_near, near, c.emit("Sub", {far, number(c, beta / 2)})}));
}

// |d| < delta ? d²/2 : delta·(|d| - delta/2)
void convert_huber_loss(Conversion& c) {
  const double delta = c.number("delta", 1);
  Value *apart = difference(c), *size = c.emit("Abs", {apart});
  Value* near = c.emit("Mul", {c.emit("Mul", {apart, apart}), number(c, 0.5)});
  Value* far = c.emit("Mul", {c.emit("Sub", {size, number(c, delta / 2)}), number(c, delta)});
  reduced(c, c.emit("Where", {c.emit("Less", {size, number(c, delta)}), near, far}));
}

// -(t·log(x) + (1 - t)·log(1 - x)), logarithms not below -100
void convert_binary_cross_entropy(Conversion& c) {
  Value *x = input(c, "self"), *target = input(c, "target"), *one = number(c, 1);
  Value* log_x = clipped_below(c, c.emit("Log", {x}), -100);
  Value* log_rest = clipped_below(c, c.emit("Log", {c.emit("Sub", {one, x})}), -100);
  Value* rest = c.emit("Mul", {c.emit("Sub", {target, one}), log_rest});
  Value* losses = c.emit("Sub", {rest, c.emit("Mul", {target, log_x})});
  reduced(c, c.has("weight") ? c.emit("Mul", {losses, input(c, "weight")}) : losses);
}

// The same of sigmoid(x): (1 - t)·x + (1 + (p - 1)·t)·softplus(-x)
void convert_binary_cross_entropy_with_logits(Conversion& c) {
  Value *x = input(c, "self"), *target = input(c, "target"), *one = number(c, 1);
  Value* right = c.emit("Softplus", {c.emit("Neg", {x})});
  if (c.has("pos_weight")) {
    Value* more = c.emit("Mul", {c.emit("Sub", {input(c, "pos_weight"), one}), target});
    right = c.emit("Mul", {right, c.emit("Add", {more, one})});
  }
  Value* losses = c.emit("Add", {c.emit("Mul", {c.emit("Sub", {one, target}), x}), right});
  reduced(c, c.has("weight") ? c.emit("Mul", {losses, input(c, "weight")}) : losses);
}

// t·(log(t) - x), 0 where t is; with log_target exp(t)·(t - x)
void convert_kl_div(Conversion& c) {
  Value *x = input(c, "self"), *target = input(c, "target");
  if (c.truth("log_target", false))
    return reduced(c, c.emit("Mul", {c.emit("Exp", {target}), c.emit("Sub", {target, x})}));
  Value* terms = c.emit("Mul", {target, c.emit("Sub", {c.emit("Log", {target}), x})});
  Value* positive = c.emit("Greater", {target, number(c, 0)});
  reduced(c, c.emit("Where", {positive, terms, number(c, 0)}));
}

// log(1 + exp(-t·x))
void convert_soft_margin_loss(Conversion& c) {
  Value* product = c.emit("Mul", {input(c, "self"), input(c, "target")});
  reduced(c, c.emit("Softplus", {c.emit("Neg", {product})}));
}

// nll_loss, nll_loss_nd, nll_loss2d, nll_loss_forward, nll_loss2d_forward
void convert_nll_loss(Conversion& c) {
  class_loss(c, "NegativeLogLikelihoodLoss");
}

void convert_cross_entropy_loss(Conversion& c) {
  const bool by_index = c.meta("target").sizes.size() + 1 == c.meta("self").sizes.size();
  if (!by_index) return soft_class_loss(c);
  if (c.number("label_smoothing", 0) != 0)
    c.refuse("label_smoothing is converted for targets of probabilities only");
  class_loss(c, "SoftmaxCrossEntropyLoss");
}

}  // namespace slipway::torch::aten
