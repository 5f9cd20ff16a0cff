// Decision trees in a form that many examples walk through at once. Every test is "at most": the other
// comparisons of f32 are rewritten with it, exactly. A leaf leads to itself, so several walks can go on in
// step until the last of them has arrived; they do not depend on each other, so the processor does them side
// by side.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ops/tree_ensemble.hpp"

namespace slipway::engine {

class FlatTrees {
 public:
  // For examples of `features` f32 numbers. Nothing where the trees ask for others, where a threshold is no
  // f32, where a tree goes in circles and where an example takes too long: nothing stops a walk.
  static std::optional<FlatTrees> make(const ops::TreeEnsemble& trees, size_t targets, int64_t features);

  // Sets the sums of the leaves' weights, [count, targets], added up in the order of the trees. May be called
  // by several threads.
  void sum(const float* examples, int64_t count, double* sums) const;

 private:
  struct Node {
    float threshold;
    uint32_t feature;
    uint32_t next[2];  // if not, if so
  };
  struct Tree {
    uint32_t root;
    uint32_t depth;
  };
  struct Weight {
    uint32_t target;
    double weight;
  };
  friend class TreeFlattener;

  template <bool kMissing>
  void walk(const float* examples, int64_t stride, uint32_t depth, uint32_t* at) const;
  void walk_any(const float* examples, int64_t stride, uint32_t depth, uint32_t* at) const;
  void sum_group(const float* examples, double* sums) const;
  void sum_one(const float* example, double* sums) const;
  void add_leaf(uint32_t leaf, double* sums) const;

  int64_t features_ = 0;
  size_t targets_ = 0;
  std::vector<Node> nodes_;  // those from first_leaf_ on are leaves
  uint32_t first_leaf_ = 0;
  // Where NaN passes the test; empty where it never does.
  std::vector<uint8_t> missing_passes_;
  std::vector<Tree> trees_;
  std::vector<uint32_t> weights_begin_;  // of each leaf, and one behind the last
  std::vector<Weight> weights_;
};

}  // namespace slipway::engine
