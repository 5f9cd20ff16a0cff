#include "ops/tree_ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.hpp"
#include "base/work_scope.hpp"

namespace slipway::ops {
namespace {

bool holds(const TreeNode& node, double x) {
  if (std::isnan(x)) return node.missing_is_true;
  switch (node.branch) {
    case Branch::kLessOrEqual:
      return x <= node.threshold;
    case Branch::kLess:
      return x < node.threshold;
    case Branch::kGreaterOrEqual:
      return x >= node.threshold;
    case Branch::kGreater:
      return x > node.threshold;
    case Branch::kEqual:
      return x == node.threshold;
    case Branch::kNotEqual:
      return x != node.threshold;
    case Branch::kMember:
      return std::find(node.members.begin(), node.members.end(), x) != node.members.end();
    case Branch::kLeaf:
      break;
  }
  return false;
}

double combine(std::optional<double> before, double weight, Aggregate aggregate) {
  if (!before) return weight;
  if (aggregate == Aggregate::kMin) return std::min(*before, weight);
  if (aggregate == Aggregate::kMax) return std::max(*before, weight);
  return *before + weight;
}

}  // namespace

void TreeEnsemble::check(size_t targets) const {
  for (size_t i = 0; i < nodes.size(); ++i) {
    const TreeNode& node = nodes[i];
    if (node.branch != Branch::kLeaf && (node.if_true >= nodes.size() || node.if_false >= nodes.size()))
      fail(ErrorCode::kInvalidModel, "node {} of the trees leads to a node that is not there", i);
    for (const LeafWeight& weight : weights[i])
      if (weight.target >= targets)
        fail(ErrorCode::kInvalidModel, "a leaf has a weight for target {}, but there are {}", weight.target,
             targets);
  }
  for (size_t root : roots)
    if (root >= nodes.size())
      fail(ErrorCode::kInvalidModel, "a tree begins at node {}, which is not there", root);
}

size_t TreeEnsemble::leaf(size_t root, std::span<const double> features) const {
  size_t at = root;
  for (size_t steps = 0; nodes[at].branch != Branch::kLeaf; ++steps) {
    const TreeNode& node = nodes[at];
    WorkScope::spend(1 + static_cast<double>(node.members.size()));
    if (steps == nodes.size()) fail(ErrorCode::kInvalidModel, "the tree at node {} goes in circles", root);
    if (node.feature >= features.size())
      fail(ErrorCode::kInvalidArgument, "a tree asks for feature {}, but there are {}", node.feature,
           features.size());
    at = holds(node, features[node.feature]) ? node.if_true : node.if_false;
  }
  return at;
}

CountedVector<double> TreeEnsemble::aggregated(std::span<const double> features, Aggregate aggregate,
                                               size_t targets) const {
  CountedVector<std::optional<double>> collected(targets);
  for (size_t root : roots)
    for (const LeafWeight& weight : weights[leaf(root, features)])
      collected[weight.target] = combine(collected[weight.target], weight.weight, aggregate);
  CountedVector<double> scores(targets);
  for (size_t i = 0; i < targets; ++i) scores[i] = collected[i].value_or(0);
  return scores;
}

}  // namespace slipway::ops
