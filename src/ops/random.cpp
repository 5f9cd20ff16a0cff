// RandomNormal, RandomUniform, their Like forms, Bernoulli and Multinomial.
#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/random_stream.hpp"
#include "ops/registry.hpp"
#include "ops/type_attribute.hpp"

namespace slipway::ops {
namespace {

DataType stated_type(const Node& node, DataType otherwise) {
  return type_attribute(node, "dtype", otherwise, kNumbers | TypeSet{DataType::kBool});
}

Dims stated_dims(const Node& node) {
  Dims dims = node.ints_attribute("shape", {});
  element_count(dims);  // throws for what is no shape
  return dims;
}

// Output 0: one number of next() after the other, calculated in double and then converted.
template <typename Next>
void fill(KernelContext& context, DataType type, const Dims& dims, Next next) {
  Tensor numbers = context.allocate(DataType::kDouble, dims);
  for (double& number : numbers.data<double>()) number = next();
  cast_elements(numbers, context.make_output(0, type, dims));
}

void make_normal(KernelContext& context, DataType type, const Dims& dims) {
  const double mean = context.node().float_attribute("mean", 0);
  const double scale = context.node().float_attribute("scale", 1);
  RandomStream stream = RandomStream::of(context.node());
  fill(context, type, dims, [&] { return stream.normal() * scale + mean; });
}

void make_uniform(KernelContext& context, DataType type, const Dims& dims) {
  const double low = context.node().float_attribute("low", 0);
  const double high = context.node().float_attribute("high", 1);
  RandomStream stream = RandomStream::of(context.node());
  fill(context, type, dims, [&] { return stream.uniform() * (high - low) + low; });
}

using Make = void (*)(KernelContext& context, DataType type, const Dims& dims);

template <Make kMake>
void compute_of_shape(KernelContext& context) {
  kMake(context, stated_type(context.node(), DataType::kFloat), stated_dims(context.node()));
}

template <Make kMake>
void compute_like(KernelContext& context) {
  const Tensor& like = context.input(0);
  kMake(context, stated_type(context.node(), like.type()), like.dims());
}

void infer_of_shape(InferenceContext& context) {
  const Dims dims = stated_dims(context.node());
  context.set_output_type(
      0, Type::tensor(stated_type(context.node(), DataType::kFloat), Shape(dims.begin(), dims.end())));
}

void infer_like(InferenceContext& context) {
  context.set_output_type(
      0, Type::tensor(stated_type(context.node(), context.input_element_type(0)), context.input_shape(0)));
}

// 1 with the probability that the input has there.
void compute_bernoulli(KernelContext& context) {
  const Tensor& input = context.input(0);
  const Tensor probabilities = cast_elements(input, DataType::kDouble);
  auto probability = probabilities.data<double>().begin();
  RandomStream stream = RandomStream::of(context.node());
  fill(context, stated_type(context.node(), input.type()), input.dims(), [&] {
    if (!(*probability >= 0 && *probability <= 1))
      fail(ErrorCode::kInvalidArgument, "{} is no probability: it must be from 0 to 1", *probability);
    return stream.uniform() < *probability++ ? 1.0 : 0.0;
  });
}

int64_t sample_size(const Node& node) {
  const int64_t size = node.int_attribute("sample_size", 1);
  if (size < 1) fail(ErrorCode::kInvalidModel, "sample_size is {}, but at least 1 was expected", size);
  return size;
}

void infer_multinomial(InferenceContext& context) {
  const auto& shape = context.input_shape(0);
  if (shape && shape->size() != 2)
    fail(ErrorCode::kInvalidModel, "the input has rank {}, but [batch_size, class_size] was expected",
         shape->size());
  context.set_output_type(0,
                          Type::tensor(stated_type(context.node(), DataType::kInt32),
                                       Shape{shape ? shape->front() : Dim(), sample_size(context.node())}));
}

// Sums of the probabilities up to each class, up to a factor. The row holds their logarithms.
CountedVector<double> cumulated(std::span<const double> row) {
  const double largest = *std::max_element(row.begin(), row.end());
  CountedVector<double> sums;
  double sum = 0;
  for (double logarithm : row) sums.push_back(sum += std::exp(logarithm - largest));
  if (!(sum > 0) || std::isinf(sum))
    fail(ErrorCode::kInvalidArgument, "the logarithms of the probabilities are no numbers");
  return sums;
}

void compute_multinomial(KernelContext& context) {
  const Tensor& input = context.input(0);
  if (input.rank() != 2 || input.dim(1) == 0)
    fail(ErrorCode::kInvalidArgument, "the input is {}, but [batch_size, class_size] was expected",
         input.describe());
  const Tensor logarithms = cast_elements(input, DataType::kDouble);
  const auto classes = static_cast<size_t>(input.dim(1));
  const auto samples = static_cast<size_t>(sample_size(context.node()));
  RandomStream stream = RandomStream::of(context.node());
  CountedVector<double> sums;
  size_t made = 0;
  fill(context, stated_type(context.node(), DataType::kInt32), {input.dim(0), static_cast<int64_t>(samples)},
       [&] {
         if (made % samples == 0)
           sums = cumulated(logarithms.data<double>().subspan(made / samples * classes, classes));
         ++made;
         const auto picked = std::upper_bound(sums.begin(), sums.end(), stream.uniform() * sums.back());
         return static_cast<double>(std::min<std::ptrdiff_t>(picked - sums.begin(), std::ssize(sums) - 1));
       });
}

using Kind = Attribute::Kind;

Operator of_shape(std::string_view name, std::vector<AttributeSpec> parameters,
                  void (*compute)(KernelContext&)) {
  parameters.insert(parameters.end(),
                    {{"dtype", Kind::kInt}, {"seed", Kind::kFloat}, {"shape", Kind::kInts, true}});
  return {.name = name,
          .since_version = 22,
          .outputs = {{"output", "T"}},
          .attributes = std::move(parameters),
          .type_constraints = {{"T", kFloats}},
          .infer = infer_of_shape,
          .compute = compute,
          .deterministic = false};
}

Operator like(std::string_view name, std::vector<AttributeSpec> parameters, TypeSet inputs, TypeSet outputs,
              void (*compute)(KernelContext&)) {
  parameters.insert(parameters.end(), {{"dtype", Kind::kInt}, {"seed", Kind::kFloat}});
  return {.name = name,
          .since_version = 22,
          .inputs = {{"input", "T1"}},
          .outputs = {{"output", "T2"}},
          .attributes = std::move(parameters),
          .type_constraints = {{"T1", inputs}, {"T2", outputs}},
          .infer = infer_like,
          .compute = compute,
          .deterministic = false};
}

}  // namespace

void register_random(Registry& registry) {
  const std::vector<AttributeSpec> normal{{"mean", Kind::kFloat}, {"scale", Kind::kFloat}};
  const std::vector<AttributeSpec> uniform{{"high", Kind::kFloat}, {"low", Kind::kFloat}};
  registry.add(of_shape("RandomNormal", normal, compute_of_shape<make_normal>));
  registry.add(of_shape("RandomUniform", uniform, compute_of_shape<make_uniform>));
  registry.add(like("RandomNormalLike", normal, kMovable, kFloats, compute_like<make_normal>));
  registry.add(like("RandomUniformLike", uniform, kMovable, kFloats, compute_like<make_uniform>));
  registry.add(like("Bernoulli", {}, kFloats, kNumbers | TypeSet{DataType::kBool}, compute_bernoulli));
  registry.add({.name = "Multinomial",
                .since_version = 22,
                .inputs = {{"input", "T1"}},
                .outputs = {{"output", "T2"}},
                .attributes = {{"dtype", Kind::kInt}, {"sample_size", Kind::kInt}, {"seed", Kind::kFloat}},
                .type_constraints = {{"T1", kFloats}, {"T2", {DataType::kInt32, DataType::kInt64}}},
                .infer = infer_multinomial,
                .compute = compute_multinomial,
                .deterministic = false});
}

}  // namespace slipway::ops
