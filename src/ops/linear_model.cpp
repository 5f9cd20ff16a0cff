// ai.onnx.ml's LinearClassifier and LinearRegressor.
#include <algorithm>

#include "base/error.hpp"
#include "ops/class_scores.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// rows × coefficients, plus intercepts: `targets` scores a row.
CountedVector<double> linear_scores(const Node& node, const Tensor& rows, size_t targets) {
  const std::vector<float> coefficients = node.floats_attribute("coefficients", {});
  const std::vector<float> intercepts = node.floats_attribute("intercepts", {});
  const auto features = static_cast<size_t>(rows.dim(1));
  if (coefficients.size() != targets * features || (!intercepts.empty() && intercepts.size() != targets))
    fail(ErrorCode::kInvalidArgument,
         "there are {} coefficients and {} intercepts for {} targets of {} features each",
         coefficients.size(), intercepts.size(), targets, features);
  const auto inputs = rows.data<double>();
  CountedVector<double> scores;
  for (size_t row = 0; row < static_cast<size_t>(rows.dim(0)); ++row)
    for (size_t target = 0; target < targets; ++target) {
      double score = intercepts.empty() ? 0 : static_cast<double>(intercepts[target]);
      for (size_t i = 0; i < features; ++i)
        score += inputs[row * features + i] * static_cast<double>(coefficients[target * features + i]);
      scores.push_back(score);
    }
  return scores;
}

ClassLabels labels_of(const Node& node) {
  return {node, "classlabels_ints", "classlabels_strings"};
}

void infer_classifier(InferenceContext& context) {
  const ClassLabels labels = labels_of(context.node());
  infer_classes(context, labels, static_cast<int64_t>(labels.size()));
}

// From the one score of the second of two classes.
void add_first_class(std::span<double, 2> pair, double score, ScoreTransform transform) {
  pair[0] = transform == ScoreTransform::kNone ? 1 - score : -score;
  pair[1] = score;
}

void compute_classifier(KernelContext& context) {
  const Node& node = context.node();
  const ClassLabels labels = labels_of(node);
  const ScoreTransform transform = score_transform(node);
  const Tensor rows = feature_rows(context.input(0));
  const size_t count = node.floats_attribute("coefficients", {}).size();
  // Two classes may do with one row of coefficients.
  const bool is_binary = labels.size() == 2 && static_cast<int64_t>(count) == rows.dim(1);
  const size_t targets = is_binary ? 1 : labels.size();
  const CountedVector<double> raw = linear_scores(node, rows, targets);

  CountedVector<size_t> classes;
  CountedVector<double> scores(static_cast<size_t>(rows.dim(0)) * labels.size());
  for (size_t row = 0; row < static_cast<size_t>(rows.dim(0)); ++row) {
    const auto made = std::span(scores).subspan(row * labels.size(), labels.size());
    if (is_binary) {
      classes.push_back(raw[row] > 0 ? 1 : 0);
      add_first_class(made.first<2>(), raw[row], transform);
    } else {
      std::copy_n(raw.begin() + static_cast<std::ptrdiff_t>(row * targets), targets, made.begin());
      classes.push_back(static_cast<size_t>(std::max_element(made.begin(), made.end()) - made.begin()));
    }
    transform_scores(made, transform);
  }
  labels.write(context, classes);
  write_scores(context, 1, scores, rows.dim(0));
}

size_t target_count(const Node& node) {
  const int64_t targets = node.int_attribute("targets", 1);
  if (targets < 1) fail(ErrorCode::kInvalidModel, "'targets' is {}, but at least 1 was expected", targets);
  return static_cast<size_t>(targets);
}

void infer_regressor(InferenceContext& context) {
  const auto targets = static_cast<int64_t>(target_count(context.node()));
  context.set_output_type(0, Type::tensor(DataType::kFloat, Shape{row_count(context), targets}));
}

void compute_regressor(KernelContext& context) {
  const size_t targets = target_count(context.node());
  const Tensor rows = feature_rows(context.input(0));
  CountedVector<double> scores = linear_scores(context.node(), rows, targets);
  for (size_t begin = 0; begin < scores.size(); begin += targets)
    transform_scores(std::span(scores).subspan(begin, targets), score_transform(context.node()));
  write_scores(context, 0, scores, rows.dim(0));
}

}  // namespace

void register_linear_model(Registry& registry) {
  using Kind = Attribute::Kind;
  constexpr TypeSet kFeatures{DataType::kFloat, DataType::kDouble, DataType::kInt64, DataType::kInt32};
  registry.add({.name = "LinearClassifier",
                .domain = "ai.onnx.ml",
                .inputs = {{"X", "T1"}},
                .outputs = {{"Y", "T2"}, {"Z", "tensor(float)"}},
                .attributes = {{"classlabels_ints", Kind::kInts},
                               {"classlabels_strings", Kind::kStrings},
                               {"coefficients", Kind::kFloats, true},
                               {"intercepts", Kind::kFloats},
                               {"multi_class", Kind::kInt},
                               {"post_transform", Kind::kString}},
                .type_constraints = {{"T1", kFeatures}, {"T2", {DataType::kString, DataType::kInt64}}},
                .infer = infer_classifier,
                .compute = compute_classifier});
  registry.add({.name = "LinearRegressor",
                .domain = "ai.onnx.ml",
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "tensor(float)"}},
                .attributes = {{"coefficients", Kind::kFloats},
                               {"intercepts", Kind::kFloats},
                               {"post_transform", Kind::kString},
                               {"targets", Kind::kInt}},
                .type_constraints = {{"T", kFeatures}},
                .infer = infer_regressor,
                .compute = compute_regressor});
}

}  // namespace slipway::ops
