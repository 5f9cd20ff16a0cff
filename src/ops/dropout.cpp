// Dropout: hands its input on; in training it clears elements at random and scales the others.
#include "ops/element_dispatch.hpp"
#include "ops/random_stream.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

using Droppable = Join<Floats, Float8s>;

double ratio_of(const KernelContext& context) {
  if (!context.has_input(1)) return 0.5;
  const Tensor& ratio = context.input(1);
  if (ratio.count() != 1)
    fail(ErrorCode::kInvalidArgument, "the ratio is {}, but a scalar was expected", ratio.describe());
  double value = 0;
  dispatch<Droppable>(ratio.type(),
                      [&]<typename T>(ElementType<T>) { value = to_exact(ratio.data<T>()[0]); });
  if (!(value >= 0 && value < 1))
    fail(ErrorCode::kInvalidArgument, "the ratio is {}, but a number from 0 to below 1 was expected", value);
  return value;
}

bool is_training(const KernelContext& context) {
  if (!context.has_input(2)) return false;
  const Tensor& training = context.input(2);
  return training.count() == 1 && training.data<bool>()[0];
}

void compute_training(KernelContext& context, double ratio) {
  const Tensor& data = context.input(0);
  // Without a seed, one of our choice: the same run gives the same result.
  RandomStream stream(static_cast<uint32_t>(context.node().int_attribute("seed", 0)));
  CountedVector<bool> kept(static_cast<size_t>(data.count()));
  for (size_t i = 0; i < kept.size(); ++i) kept[i] = stream.uniform() >= ratio;
  dispatch<Droppable>(data.type(), [&]<typename T>(ElementType<T>) {
    const auto in = data.data<T>();
    const auto out = context.make_output(0, data.type(), data.dims()).template data<T>();
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<T>(kept[i] ? to_exact(in[i]) / (1 - ratio) : 0.0);
  });
  if (!context.wants_output(1)) return;
  const auto mask = context.make_output(1, DataType::kBool, data.dims()).data<bool>();
  for (size_t i = 0; i < mask.size(); ++i) mask[i] = kept[i];
}

void compute(KernelContext& context) {
  const double ratio = ratio_of(context);
  if (is_training(context) && ratio > 0) return compute_training(context, ratio);
  context.set_output(0, context.value(0));
  if (!context.wants_output(1)) return;
  const auto mask = context.make_output(1, DataType::kBool, context.input(0).dims()).data<bool>();
  std::fill(mask.begin(), mask.end(), true);
}

void infer(InferenceContext& context) {
  infer_like_first_input(context);
  context.set_output_type(1, Type::tensor(DataType::kBool, context.input_shape(0)));
}

}  // namespace

void register_dropout(Registry& registry) {
  constexpr TypeSet kTypes = kFloats | TypeSet{DataType::kFloat8e4m3fn, DataType::kFloat8e4m3fnuz,
                                               DataType::kFloat8e5m2, DataType::kFloat8e5m2fnuz};
  registry.add({.name = "Dropout",
                .since_version = 22,
                .inputs = {{"data", "T"},
                           {"ratio", "T1", Arity::kOptional},
                           {"training_mode", "tensor(bool)", Arity::kOptional}},
                .outputs = {{"output", "T"}, {"mask", "tensor(bool)", Arity::kOptional}},
                .attributes = {{"seed", Attribute::Kind::kInt}},
                .type_constraints = {{"T", kTypes}, {"T1", kTypes}},
                .infer = infer,
                .compute = compute,
                .footprint = footprint_elementwise,
                .deterministic = false});
}

}  // namespace slipway::ops
