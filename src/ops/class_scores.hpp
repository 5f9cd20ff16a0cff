// What the classifiers and regressors of ai.onnx.ml have in common: transforms of scores, and labels.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ops/inference_context.hpp"
#include "ops/kernel_context.hpp"

namespace slipway::ops {

enum class ScoreTransform { kNone, kSoftmax, kLogistic, kSoftmaxZero, kProbit };

// Of the attribute 'post_transform'. Throws kInvalidModel for an unknown name.
ScoreTransform score_transform(const Node& node);
// The scores of one example, in place.
void transform_scores(std::span<double> scores, ScoreTransform transform);

// The names of classes, numbers or strings; the node has one of the two attributes.
class ClassLabels {
 public:
  // Throws kInvalidModel when there are none.
  ClassLabels(const Node& node, std::string_view integers, std::string_view strings);

  size_t size() const { return strings_.empty() ? integers_.size() : strings_.size(); }
  DataType type() const { return strings_.empty() ? DataType::kInt64 : DataType::kString; }
  // Output 0, [n]: the labels of n classes, each within [0, size()).
  void write(KernelContext& context, std::span<const size_t> classes) const;

 private:
  std::vector<int64_t> integers_;
  std::vector<std::string> strings_;
};

// The input as rows of features, f64; a list is one row. Throws kInvalidArgument for other ranks.
Tensor feature_rows(const Tensor& input);
// The number of rows that feature_rows() makes, as far as it is known.
Dim row_count(const InferenceContext& context);
// Both outputs of a classifier: for each row of features a label, and `scores` numbers.
void infer_classes(InferenceContext& context, const ClassLabels& labels, const Dim& scores);
// Output `index`: rows of scores as f32 [rows, columns].
void write_scores(KernelContext& context, size_t index, std::span<const double> scores, int64_t rows);

}  // namespace slipway::ops
