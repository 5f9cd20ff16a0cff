#include "ops/class_scores.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.hpp"
#include "ops/attribute_list.hpp"
#include "ops/cast.hpp"

namespace slipway::ops {
namespace {

// Zeros stay what they are where `keeps_zeros`.
void softmax(std::span<double> scores, bool keeps_zeros) {
  const double largest = scores.empty() ? 0 : *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores)
    if (!keeps_zeros || score != 0) sum += score = std::exp(score - largest);
  if (sum != 0)
    for (double& score : scores) score /= sum;
}

// The quantile of the normal distribution: Newton's method from Winitzki's approximation of the inverse error
// function (2008).
double probit(double p) {
  if (!(p > 0 && p < 1))
    return p == 0   ? -std::numeric_limits<double>::infinity()
           : p == 1 ? std::numeric_limits<double>::infinity()
                    : std::numeric_limits<double>::quiet_NaN();
  const double y = 2 * p - 1;
  const double logarithm = std::log((1 - y) * (1 + y));
  const double a = 2 / (std::numbers::pi * 0.147) + logarithm / 2;
  double x = std::copysign(std::sqrt(std::sqrt(a * a - logarithm / 0.147) - a), y);
  for (int round = 0; round < 4; ++round) {
    const double slope = 2 * std::numbers::inv_sqrtpi * std::exp(-x * x);
    if (slope == 0) break;
    // In the lower half erfc keeps the digits that 1 + erf loses.
    x -= (p < 0.5 ? std::erfc(-x) - 2 * p : 2 * (1 - p) - std::erfc(x)) / slope;
  }
  return std::numbers::sqrt2 * x;
}

}  // namespace

ScoreTransform score_transform(const Node& node) {
  const std::string name = node.string_attribute("post_transform", "NONE");
  if (name == "NONE") return ScoreTransform::kNone;
  if (name == "SOFTMAX") return ScoreTransform::kSoftmax;
  if (name == "LOGISTIC") return ScoreTransform::kLogistic;
  if (name == "SOFTMAX_ZERO") return ScoreTransform::kSoftmaxZero;
  if (name == "PROBIT") return ScoreTransform::kProbit;
  fail(ErrorCode::kInvalidModel,
       "post_transform is '{}', but NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT was expected", name);
}

void transform_scores(std::span<double> scores, ScoreTransform transform) {
  switch (transform) {
    case ScoreTransform::kNone:
      break;
    case ScoreTransform::kSoftmax:
      return softmax(scores, false);
    case ScoreTransform::kSoftmaxZero:
      return softmax(scores, true);
    case ScoreTransform::kLogistic:
      for (double& score : scores) score = 1 / (1 + std::exp(-score));
      break;
    case ScoreTransform::kProbit:
      for (double& score : scores) score = probit(score);
      break;
  }
}

ClassLabels::ClassLabels(const Node& node, std::string_view integers, std::string_view strings)
    : integers_(list_attribute<int64_t>(node, integers)),
      strings_(list_attribute<std::string>(node, strings)) {
  if (integers_.empty() == strings_.empty())
    fail(ErrorCode::kInvalidModel, "one of the attributes '{}' and '{}' must list the classes", integers,
         strings);
}

void ClassLabels::write(KernelContext& context, std::span<const size_t> classes) const {
  if (!context.wants_output(0)) return;
  Tensor& output = context.make_output(0, type(), {static_cast<int64_t>(classes.size())});
  for (size_t i = 0; i < classes.size(); ++i)
    if (strings_.empty())
      output.data<int64_t>()[i] = integers_[classes[i]];
    else
      output.data<Text>()[i] = strings_[classes[i]];
}

Tensor feature_rows(const Tensor& input) {
  if (input.rank() != 1 && input.rank() != 2)
    fail(ErrorCode::kInvalidArgument, "the input is {}, but rows of features were expected",
         input.describe());
  const Dims dims = input.rank() == 1 ? Dims{1, input.dim(0)} : input.dims();
  return cast_elements(input, DataType::kDouble).reshaped(dims);
}

Dim row_count(const InferenceContext& context) {
  const auto& shape = context.input_shape(0);
  if (!shape) return {};
  return shape->size() == 1 ? Dim(1) : shape->empty() ? Dim() : shape->front();
}

void infer_classes(InferenceContext& context, const ClassLabels& labels, const Dim& scores) {
  const Dim rows = row_count(context);
  context.set_output_type(0, Type::tensor(labels.type(), Shape{rows}));
  context.set_output_type(1, Type::tensor(DataType::kFloat, Shape{rows, scores}));
}

void write_scores(KernelContext& context, size_t index, std::span<const double> scores, int64_t rows) {
  if (!context.wants_output(index)) return;
  const int64_t columns = rows == 0 ? 0 : static_cast<int64_t>(scores.size()) / rows;
  const auto output = context.make_output(index, DataType::kFloat, {rows, columns}).data<float>();
  for (size_t i = 0; i < scores.size(); ++i) output[i] = static_cast<float>(scores[i]);
}

}  // namespace slipway::ops
