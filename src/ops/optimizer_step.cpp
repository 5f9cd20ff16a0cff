// Adagrad, Adam and Momentum: one step of training, from tensors, their gradients and what is remembered of
// earlier gradients to the new tensors and memories.
#include <cmath>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// Learning rate and number of updates come first.
constexpr size_t kFirstTensor = 2;

// One element of a tensor: its value, gradient and memories.
struct Element {
  double value;
  double gradient;
  double memories[2];
};

// Inputs are `memories` + 2 groups of as many tensors each; how many?
size_t tensor_count(const Node& node, size_t memories) {
  const size_t inputs = node.inputs().size(), groups = memories + 2;
  const size_t tensors = inputs < kFirstTensor ? 0 : (inputs - kFirstTensor) / groups;
  if (tensors == 0 || inputs != kFirstTensor + tensors * groups ||
      node.outputs().size() > tensors * (memories + 1))
    fail(ErrorCode::kInvalidModel,
         "{} inputs and {} outputs were given: behind R and T there must be {} inputs, and {} outputs, for "
         "each "
         "tensor",
         inputs, node.outputs().size(), groups, memories + 1);
  return tensors;
}

// Gradients come in, but do not go out.
size_t input_of_output(size_t output, size_t tensors) {
  return kFirstTensor + (output < tensors ? output : output + tensors);
}

template <size_t kMemories>
void infer(InferenceContext& context) {
  const size_t tensors = tensor_count(context.node(), kMemories);
  for (size_t i = 0; i < context.output_count(); ++i)
    context.set_output_type(i, context.input_type(input_of_output(i, tensors)));
}

double read_scalar(const Tensor& tensor, const char* what) {
  if (tensor.count() != 1)
    fail(ErrorCode::kInvalidArgument, "{} is {}, but one number was expected", what, tensor.describe());
  return cast_elements(tensor, DataType::kDouble).data<double>()[0];
}

// Applies step(element, rate, count) to every element of every tensor.
template <size_t kMemories, typename Step>
void update(KernelContext& context, Step step) {
  const size_t tensors = tensor_count(context.node(), kMemories);
  const double rate = read_scalar(context.input(0), "the learning rate");
  const double count = read_scalar(context.input(1), "the number of updates");
  for (size_t i = 0; i < tensors; ++i) {
    std::vector<Tensor> parts;
    for (size_t group = 0; group < kMemories + 2; ++group) {
      const Tensor& part = context.input(kFirstTensor + group * tensors + i);
      if (part.dims() != context.input(kFirstTensor + i).dims())
        fail(ErrorCode::kInvalidArgument, "{} belongs to a tensor that is {}", part.describe(),
             context.input(kFirstTensor + i).describe());
      parts.push_back(context.allocate(DataType::kDouble, part.dims()));
      cast_elements(part, parts.back());
    }
    for (size_t at = 0; at < static_cast<size_t>(parts[0].count()); ++at) {
      Element element{parts[0].data<double>()[at], parts[1].data<double>()[at], {}};
      for (size_t m = 0; m < kMemories; ++m) element.memories[m] = parts[2 + m].data<double>()[at];
      step(element, rate, count);
      parts[0].data<double>()[at] = element.value;
      for (size_t m = 0; m < kMemories; ++m) parts[2 + m].data<double>()[at] = element.memories[m];
    }
    parts.erase(parts.begin() + 1);
    for (size_t group = 0; group < parts.size(); ++group) {
      const size_t output = group * tensors + i;
      if (!context.wants_output(output)) continue;
      const Tensor& old = context.input(input_of_output(output, tensors));
      cast_elements(parts[group], context.make_output(output, old.type(), old.dims()));
    }
  }
}

void compute_adagrad(KernelContext& context) {
  const Node& node = context.node();
  const double norm = node.float_attribute("norm_coefficient", 0),
               decay = node.float_attribute("decay_factor", 0);
  const double epsilon = node.float_attribute("epsilon", 1e-6F);
  update<1>(context, [&](Element& x, double rate, double count) {
    const double gradient = norm * x.value + x.gradient;
    x.memories[0] += gradient * gradient;
    x.value -= rate / (1 + count * decay) * gradient / (std::sqrt(x.memories[0]) + epsilon);
  });
}

void compute_adam(KernelContext& context) {
  const Node& node = context.node();
  const double norm = node.float_attribute("norm_coefficient", 0);
  const double norm_post = node.float_attribute("norm_coefficient_post", 0);
  const double alpha = node.float_attribute("alpha", 0.9F), beta = node.float_attribute("beta", 0.999F);
  const double epsilon = node.float_attribute("epsilon", 1e-6F);
  update<2>(context, [&](Element& x, double rate, double count) {
    const double gradient = norm * x.value + x.gradient;
    auto& [mean, square] = x.memories;
    mean = alpha * mean + (1 - alpha) * gradient;
    square = beta * square + (1 - beta) * gradient * gradient;
    const double adjusted =
        count > 0 ? rate * std::sqrt(1 - std::pow(beta, count)) / (1 - std::pow(alpha, count)) : rate;
    x.value = (1 - norm_post) * (x.value - adjusted * mean / (std::sqrt(square) + epsilon));
  });
}

void compute_momentum(KernelContext& context) {
  const Node& node = context.node();
  const double norm = node.float_attribute("norm_coefficient", 0);
  const double alpha = node.float_attribute("alpha", 0), beta = node.float_attribute("beta", 0);
  const std::string mode = node.string_attribute("mode", "");
  if (mode != "standard" && mode != "nesterov")
    fail(ErrorCode::kInvalidModel, "mode is '{}', but standard or nesterov was expected", mode);
  update<1>(context, [&](Element& x, double rate, double count) {
    const double gradient = norm * x.value + x.gradient;
    double& momentum = x.memories[0];
    momentum = alpha * momentum + (count > 0 ? beta : 1) * gradient;
    x.value -= rate * (mode == "nesterov" ? gradient + alpha * momentum : momentum);
  });
}

Operator optimizer(std::string_view name, std::vector<AttributeSpec> attributes,
                   void (*infer)(InferenceContext&), void (*compute)(KernelContext&)) {
  return {.name = name,
          .domain = "ai.onnx.preview.training",
          .inputs = {{"R", "T1"}, {"T", "tensor(int64)"}, {"inputs", "", Arity::kVariadic}},
          .outputs = {{"outputs", "", Arity::kVariadic}},
          .attributes = std::move(attributes),
          .type_constraints = {{"T1", {DataType::kFloat, DataType::kDouble}}},
          .min_inputs = 1,
          .infer = infer,
          .compute = compute};
}

}  // namespace

void register_optimizer_step(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add(optimizer(
      "Adagrad",
      {{"decay_factor", Kind::kFloat}, {"epsilon", Kind::kFloat}, {"norm_coefficient", Kind::kFloat}},
      infer<1>, compute_adagrad));
  registry.add(optimizer("Adam",
                         {{"alpha", Kind::kFloat},
                          {"beta", Kind::kFloat},
                          {"epsilon", Kind::kFloat},
                          {"norm_coefficient", Kind::kFloat},
                          {"norm_coefficient_post", Kind::kFloat}},
                         infer<2>, compute_adam));
  registry.add(optimizer("Momentum",
                         {{"alpha", Kind::kFloat, true},
                          {"beta", Kind::kFloat, true},
                          {"mode", Kind::kString, true},
                          {"norm_coefficient", Kind::kFloat, true}},
                         infer<1>, compute_momentum));
}

}  // namespace slipway::ops
