// NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss.
#include <cmath>

#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/cast.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

enum class Reduction { kNone, kSum, kMean };

Reduction reduction_of(const Node& node) {
  const std::string reduction = node.string_attribute("reduction", "mean");
  if (reduction == "none") return Reduction::kNone;
  if (reduction == "sum") return Reduction::kSum;
  if (reduction == "mean") return Reduction::kMean;
  fail(ErrorCode::kInvalidModel, "reduction is '{}', but none, sum or mean was expected", reduction);
}

// The sizes of scores [N, C, d1, …, dk] and of targets [N, d1, …, dk].
void check_dims(const Dims& scores, const Dims& targets) {
  Dims expected = scores;
  if (expected.size() >= 2) expected.erase(expected.begin() + 1);
  if (scores.size() < 2 || targets != expected)
    fail(ErrorCode::kInvalidArgument,
         "the scores are {} and the targets {}, but [N,C,d1,…,dk] and [N,d1,…,dk] were expected",
         to_string(scores), to_string(targets));
}

Tensor class_weights(const KernelContext& context, int64_t classes) {
  if (context.has_input(2)) {
    const Tensor& weights = context.input(2);
    if (weights.dims() != Dims{classes})
      fail(ErrorCode::kInvalidArgument, "the weights are {} for {} classes", weights.describe(), classes);
    return cast_elements(weights, DataType::kDouble);
  }
  Tensor ones(DataType::kDouble, {classes});
  for (double& one : ones.data<double>()) one = 1;
  return ones;
}

// Output 0 from logarithms of probabilities, f64.
void make_loss(KernelContext& context, const Tensor& logarithms) {
  const Tensor& target = context.input(1);
  check_dims(logarithms.dims(), target.dims());
  const AxisSplit all = split_at(logarithms.dims(), 1);
  const Tensor weight_tensor = class_weights(context, all.size);
  const Tensor target_tensor = cast_elements(target, DataType::kInt64);
  const auto weights = weight_tensor.data<double>();
  const auto targets = target_tensor.data<int64_t>();
  const auto scores = logarithms.data<double>();
  const bool ignores = context.node().find_attribute("ignore_index") != nullptr;
  const int64_t ignored = context.node().int_attribute("ignore_index", 0);

  Tensor losses = context.allocate(DataType::kDouble, target.dims());
  double sum = 0, weight_sum = 0;
  for (size_t i = 0; i < targets.size(); ++i) {
    double& loss = losses.data<double>()[i];
    loss = 0;
    if (ignores && targets[i] == ignored) continue;
    if (targets[i] < 0 || targets[i] >= all.size)
      fail(ErrorCode::kInvalidArgument, "target {} is no class: there are {}", targets[i], all.size);
    const auto place = static_cast<int64_t>(i);
    const int64_t score = (place / all.inner * all.size + targets[i]) * all.inner + place % all.inner;
    const double weight = weights[static_cast<size_t>(targets[i])];
    loss = -scores[static_cast<size_t>(score)] * weight;
    sum += loss;
    weight_sum += weight;
  }
  const Reduction reduction = reduction_of(context.node());
  const DataType type = context.input(0).type();
  if (reduction != Reduction::kNone)
    losses = Tensor::scalar<double>(reduction == Reduction::kMean ? sum / weight_sum : sum);
  cast_elements(losses, context.make_output(0, type, losses.dims()));
}

void compute_likelihood(KernelContext& context) {
  make_loss(context, cast_elements(context.input(0), DataType::kDouble));
}

// log(softmax(x)) along the classes, in place.
void log_softmax(Tensor& scores) {
  const AxisSplit all = split_at(scores.dims(), 1);
  const auto elements = scores.data<double>();
  for (int64_t outer = 0; outer < all.outer; ++outer)
    for (int64_t inner = 0; inner < all.inner; ++inner) {
      const auto at = [&](int64_t i) -> double& {
        return elements[static_cast<size_t>((outer * all.size + i) * all.inner + inner)];
      };
      double largest = -std::numeric_limits<double>::infinity(), sum = 0;
      for (int64_t i = 0; i < all.size; ++i) largest = std::max(largest, at(i));
      for (int64_t i = 0; i < all.size; ++i) sum += std::exp(at(i) - largest);
      for (int64_t i = 0; i < all.size; ++i) at(i) = at(i) - largest - std::log(sum);
    }
}

void compute_cross_entropy(KernelContext& context) {
  const Tensor& input = context.input(0);
  check_dims(input.dims(), context.input(1).dims());
  Tensor scores = context.allocate(DataType::kDouble, input.dims());
  cast_elements(input, scores);
  log_softmax(scores);
  if (context.wants_output(1)) cast_elements(scores, context.make_output(1, input.type(), input.dims()));
  make_loss(context, scores);
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const Reduction reduction = reduction_of(context.node());
  context.set_output_type(
      0, Type::tensor(type, reduction == Reduction::kNone ? context.input_shape(1) : Shape{}));
  context.set_output_type(1, Type::tensor(type, context.input_shape(0)));
}

using Kind = Attribute::Kind;

Operator loss(std::string_view name, int since_version, std::vector<Parameter> inputs,
              std::vector<Parameter> outputs, void (*compute)(KernelContext&)) {
  return {.name = name,
          .since_version = since_version,
          .inputs = std::move(inputs),
          .outputs = std::move(outputs),
          .attributes = {{"ignore_index", Kind::kInt}, {"reduction", Kind::kString}},
          .type_constraints = {{"T", kFloats}, {"Tind", {DataType::kInt32, DataType::kInt64}}},
          .infer = infer,
          .compute = compute};
}

}  // namespace

void register_cross_entropy_loss(Registry& registry) {
  registry.add(loss("NegativeLogLikelihoodLoss", 22,
                    {{"input", "T"}, {"target", "Tind"}, {"weight", "T", Arity::kOptional}}, {{"loss", "T"}},
                    compute_likelihood));
  registry.add(loss("SoftmaxCrossEntropyLoss", 13,
                    {{"scores", "T"}, {"labels", "Tind"}, {"weights", "T", Arity::kOptional}},
                    {{"output", "T"}, {"log_prob", "T", Arity::kOptional}}, compute_cross_entropy));
}

}  // namespace slipway::ops
