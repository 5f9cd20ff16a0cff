// Functions of one element each that networks put behind their layers.
#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {
namespace {

// The input in the result's type: sigmoid() and the like make reals of whole numbers.
Value* input(Conversion& c) {
  return operand(c, "self", c.result_meta().type);
}

Value* number(Conversion& c, double value) {
  return c.scalar(c.result_meta().type, value);
}

void as(Conversion& c, const char* op_type, const Attributes& attributes = {}) {
  c.result(c.emit(op_type, {input(c)}, attributes));
}

// Attributes that say a number unless it is ONNX's default.
Attributes unless(const char* name, double value, double otherwise) {
  if (value == otherwise) return {};
  return {{name, value}};
}

void clip(Conversion& c, double lowest, double highest) {
  c.result(c.emit("Clip", {input(c), number(c, lowest), number(c, highest)}));
}

}  // namespace

void convert_relu(Conversion& c) {
  as(c, "Relu");
}

void convert_relu6(Conversion& c) {
  clip(c, 0, 6);
}

void convert_hardtanh(Conversion& c) {
  clip(c, c.number("min_val", -1), c.number("max_val", 1));
}

void convert_sigmoid(Conversion& c) {
  as(c, "Sigmoid");
}

void convert_tanh(Conversion& c) {
  as(c, "Tanh");
}

void convert_silu(Conversion& c) {
  as(c, "Swish");
}

void convert_mish(Conversion& c) {
  as(c, "Mish");
}

void convert_gelu(Conversion& c) {
  const std::string approximate = c.text("approximate", "none");
  as(c, "Gelu", approximate == "none" ? Attributes{} : Attributes{{"approximate", approximate}});
}

void convert_hardswish(Conversion& c) {
  as(c, "HardSwish");
}

void convert_hardsigmoid(Conversion& c) {
  as(c, "HardSigmoid", {{"alpha", 1.0 / 6}});
}

void convert_leaky_relu(Conversion& c) {
  as(c, "LeakyRelu", unless("alpha", c.number("negative_slope", 0.01), 0.01));
}

// rrelu, rrelu_with_noise: a random slope while training, its mean afterwards
void convert_rrelu(Conversion& c) {
  if (c.truth("training", false))
    c.refuse("it draws random slopes while training: export the model in eval()");
  const double slope = (c.number("lower", 0.125) + c.number("upper", 1.0 / 3)) / 2;
  as(c, "LeakyRelu", {{"alpha", slope}});
}

// prelu, _prelu_kernel: a slope for each channel, which is axis 1
void convert_prelu(Conversion& c) {
  Value* slope = c.tensor("weight");
  const int64_t behind = c.rank("self") - 2;
  if (c.rank("weight") == 1 && behind > 0 && c.meta("weight").sizes[0] != Dim(1)) {
    std::vector<int64_t> axes;
    for (int64_t axis = 1; axis <= behind; ++axis) axes.push_back(axis);
    slope = c.emit("Unsqueeze", {slope, c.ints(axes)});
  }
  c.result(c.emit("PRelu", {input(c), slope}));
}

// x > 0 ? scale·x : scale·alpha·(exp(input_scale·x) - 1)
void convert_elu(Conversion& c) {
  const double alpha = c.number("alpha", 1), scale = c.number("scale", 1);
  const double input_scale = c.number("input_scale", 1);
  if (input_scale == 1 && scale == 1) {
    as(c, "Elu", unless("alpha", alpha, 1));
  } else if (input_scale == 1) {
    as(c, "Selu", {{"alpha", alpha}, {"gamma", scale}});
  } else {
    Value* x = input(c);
    Value* negative = c.emit("Elu", {c.emit("Mul", {x, number(c, input_scale)})}, unless("alpha", alpha, 1));
    Value* chosen = c.emit("Where", {c.emit("Greater", {x, number(c, 0)}), x, negative});
    c.result(scale == 1 ? chosen : c.emit("Mul", {chosen, number(c, scale)}));
  }
}

void convert_selu(Conversion& c) {
  as(c, "Selu");
}

// max(0, x) + min(0, alpha·(exp(x/alpha) - 1))
void convert_celu(Conversion& c) {
  const double alpha = c.number("alpha", 1);
  if (alpha == 1) return as(c, "Elu");
  if (c.result_meta().type == DataType::kFloat) return as(c, "Celu", {{"alpha", alpha}});
  // ONNX's Celu knows f32 alone.
  Value* inner = c.emit("Elu", {c.emit("Div", {input(c), number(c, alpha)})});
  c.result(c.emit("Mul", {inner, number(c, alpha)}));
}

// log(1 + exp(beta·x))/beta, and x itself where beta·x is above the threshold
void convert_softplus(Conversion& c) {
  const double beta = c.number("beta", 1), threshold = c.number("threshold", 20);
  Value* x = input(c);
  Value* scaled = beta == 1 ? x : c.emit("Mul", {x, number(c, beta)});
  Value* y = c.emit("Softplus", {scaled});
  if (beta != 1) y = c.emit("Div", {y, number(c, beta)});
  // From 20 on the two differ by less than f32 can tell.
  if (threshold < 20) y = c.emit("Where", {c.emit("Greater", {scaled, number(c, threshold)}), x, y});
  c.result(y);
}

// log_sigmoid, log_sigmoid_forward: log(1/(1 + exp(-x)))
void convert_log_sigmoid(Conversion& c) {
  c.result(c.emit("Neg", {c.emit("Softplus", {c.emit("Neg", {input(c)})})}));
}

void convert_hardshrink(Conversion& c) {
  as(c, "Shrink", unless("lambd", c.number("lambd", 0.5), 0.5));
}

void convert_softshrink(Conversion& c) {
  const double lambda = c.number("lambd", 0.5);
  Attributes attributes = unless("lambd", lambda, 0.5);
  attributes.emplace_back("bias", lambda);
  as(c, "Shrink", attributes);
}

// x > threshold ? x : value
void convert_threshold(Conversion& c) {
  const double threshold = c.number("threshold"), value = c.number("value");
  if (threshold == 0 && value == 0) return as(c, "Relu");
  Value* x = input(c);
  c.result(c.emit("Where", {c.emit("Greater", {x, number(c, threshold)}), x, number(c, value)}));
}

// a·sigmoid(b), the two halves along an axis
void convert_glu(Conversion& c) {
  const int64_t axis = c.axis("dim", c.rank("self"), -1);
  const auto halves = c.emit_several("Split", {c.tensor("self")}, 2, {{"axis", axis}, {"num_outputs", 2}});
  c.result(c.emit("Mul", {halves[0], c.emit("Sigmoid", {halves[1]})}));
}

}  // namespace slipway::torch::aten
