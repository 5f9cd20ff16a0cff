// Decision trees: from the features of an example to one leaf of each tree, whose weights are scores for
// targets.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/counted_allocator.hpp"

namespace slipway::ops {

enum class Branch : uint8_t {
  kLessOrEqual,
  kLess,
  kGreaterOrEqual,
  kGreater,
  kEqual,
  kNotEqual,
  kMember,
  kLeaf
};
enum class Aggregate : uint8_t { kAverage, kSum, kMin, kMax };

struct TreeNode {
  Branch branch = Branch::kLeaf;
  bool missing_is_true = false;  // where NaN goes
  size_t feature = 0;
  double threshold = 0;
  CountedVector<double> members = {};  // of kMember
  size_t if_true = 0;                  // index of a node
  size_t if_false = 0;
};

struct LeafWeight {
  size_t target;
  double weight;
};

class TreeEnsemble {
 public:
  std::vector<TreeNode> nodes;
  std::vector<std::vector<LeafWeight>> weights;  // of each node, empty but for leaves
  std::vector<size_t> roots;

  // Checks all indices. Throws kInvalidModel.
  void check(size_t targets) const;
  // The aggregated weights for one example (of kAverage the sums); 0 for targets that no leaf has. Throws
  // kInvalidArgument when the example lacks a feature, kInvalidModel when a tree goes in circles.
  CountedVector<double> aggregated(std::span<const double> features, Aggregate aggregate,
                                   size_t targets) const;

 private:
  size_t leaf(size_t root, std::span<const double> features) const;
};

}  // namespace slipway::ops
