// What the nodes TreeEnsemble, TreeEnsembleRegressor and TreeEnsembleClassifier say, and what they make of
// the sums that their trees give.
#pragma once

#include <span>
#include <vector>

#include "ops/attribute_list.hpp"
#include "ops/class_scores.hpp"
#include "ops/tree_ensemble.hpp"

namespace slipway::ops {

struct TreeScores {
  TreeEnsemble trees;
  size_t targets = 1;
  Aggregate aggregate = Aggregate::kSum;
  CountedVector<double> base;  // for each target, one for the first, or none
  ScoreTransform transform = ScoreTransform::kNone;

  // From the sums of one example to its scores, in place, before the transform.
  void complete(std::span<double> sums) const;
  // All of it for one example, but for the transform.
  CountedVector<double> operator()(std::span<const double> features) const;
};

// All throw kInvalidModel for trees that are none; every index is checked.
TreeScores read_tree_ensemble(const Node& node);
TreeScores read_tree_regressor(const Node& node);
TreeScores read_tree_classifier(const Node& node);

// Decides between classes. Of two classes, only one may have weights; as ONNX Runtime has it, they count for
// the second class, also when they are stated for the first.
class ClassDecision {
 public:
  ClassDecision(const Node& node, size_t classes);
  // Completes and transforms the scores of one example; returns its class.
  size_t decide(std::span<double> scores) const;

 private:
  bool is_probability() const;

  ScoreTransform transform_;
  bool is_binary_;
  bool is_first_;
  bool is_positive_;
};

}  // namespace slipway::ops
