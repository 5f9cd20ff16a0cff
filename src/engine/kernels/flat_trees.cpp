#include "engine/kernels/flat_trees.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace slipway::engine {
namespace {

// Walks that go on in step.
constexpr int kWalks = 8;
// Levels after which the walks look whether all have arrived.
constexpr uint32_t kLevels = 4;
// Levels and weights of all trees that one example may go through.
constexpr uint64_t kMostSteps = uint64_t{1} << 24;
constexpr size_t kMostNumber = std::numeric_limits<uint32_t>::max();

}  // namespace

// Builds the nodes of a FlatTrees, depth first, so that a node's likely neighbours in memory are its
// children.
class TreeFlattener {
 public:
  TreeFlattener(const ops::TreeEnsemble& trees, FlatTrees& flat) : trees_(trees), flat_(flat) {}

  bool run() {
    state_.assign(trees_.nodes.size(), State::kNew);
    flat_of_.resize(trees_.nodes.size());
    depth_.resize(trees_.nodes.size());
    most_weights_.resize(trees_.nodes.size());
    uint64_t steps = 0;
    for (const size_t root : trees_.roots) {
      if (!add(root)) return false;
      steps += uint64_t{depth_[root]} + most_weights_[root];
      if (steps > kMostSteps) return false;
      flat_.trees_.push_back({flat_of_[root], depth_[root]});
    }
    number_leaves();
    return true;
  }

 private:
  using Node = FlatTrees::Node;
  enum class State : uint8_t { kNew, kOpen, kDone };
  static constexpr uint32_t kLeafBit = 1u << 31;  // until it is known how many inner nodes there are

  // A node and what it leads to. Without recursion: nobody knows how deep a file's trees are.
  bool add(size_t root) {
    std::vector<size_t> open{root};
    while (!open.empty()) {
      const size_t index = open.back();
      const ops::TreeNode& node = trees_.nodes[index];
      if (state_[index] == State::kDone) {
        open.pop_back();
      } else if (node.branch == ops::Branch::kLeaf) {
        add_leaf(index);
      } else if (state_[index] == State::kNew) {
        state_[index] = State::kOpen;
        if (!reserve(index)) return false;
        for (const size_t child : {node.if_false, node.if_true}) {
          if (state_[child] == State::kOpen) return false;  // in circles
          open.push_back(child);
        }
      } else {
        finish(index);
      }
    }
    return true;
  }

  void add_leaf(size_t index) {
    state_[index] = State::kDone;
    flat_of_[index] = kLeafBit | static_cast<uint32_t>(flat_.weights_begin_.size());
    depth_[index] = 0;
    most_weights_[index] = trees_.weights[index].size();
    flat_.weights_begin_.push_back(static_cast<uint32_t>(flat_.weights_.size()));
    for (const ops::LeafWeight& weight : trees_.weights[index])
      flat_.weights_.push_back({static_cast<uint32_t>(weight.target), weight.weight});
  }

  // How many "at most" tests a node takes.
  static size_t tests_of(const ops::TreeNode& node) {
    switch (node.branch) {
      case ops::Branch::kEqual:
      case ops::Branch::kNotEqual:
        return 2;
      case ops::Branch::kMember:
        return 2 * std::max<size_t>(1, node.members.size());
      default:
        return 1;
    }
  }

  bool reserve(size_t index) {
    const ops::TreeNode& node = trees_.nodes[index];
    if (node.feature >= static_cast<size_t>(flat_.features_)) return false;
    const auto is_float = [](double x) { return static_cast<double>(static_cast<float>(x)) == x; };
    if (node.branch == ops::Branch::kMember ? !std::all_of(node.members.begin(), node.members.end(), is_float)
                                            : !is_float(node.threshold))
      return false;
    flat_of_[index] = static_cast<uint32_t>(flat_.nodes_.size());
    const size_t size = flat_.nodes_.size() + tests_of(node);
    if (size >= kLeafBit) return false;
    flat_.nodes_.resize(size, {0, static_cast<uint32_t>(node.feature), {0, 0}});
    flat_.missing_passes_.resize(size);
    return true;
  }

  // x is at most the number below the threshold if it is less; nothing is at most NaN.
  static float below(float threshold) {
    if (threshold == -HUGE_VALF) return NAN;
    return std::nextafterf(threshold, -HUGE_VALF);
  }

  void set(uint32_t at, float threshold, uint32_t if_true, uint32_t if_false, bool missing_passes) {
    flat_.nodes_[at].threshold = threshold;
    flat_.nodes_[at].next[1] = if_true;
    flat_.nodes_[at].next[0] = if_false;
    flat_.missing_passes_[at] = missing_passes ? 1 : 0;
  }

  // Two tests; NaN goes to `if_equal` when `missing`.
  void set_equal(uint32_t at, float number, uint32_t if_equal, uint32_t otherwise, bool missing) {
    set(at, number, at + 1, otherwise, missing);
    set(at + 1, below(number), otherwise, if_equal, false);
  }

  void finish(size_t index) {
    state_[index] = State::kDone;
    const ops::TreeNode& node = trees_.nodes[index];
    const uint32_t at = flat_of_[index], if_true = flat_of_[node.if_true], if_false = flat_of_[node.if_false];
    const bool missing = node.missing_is_true;
    const auto threshold = static_cast<float>(node.threshold);
    depth_[index] =
        std::max(depth_[node.if_true], depth_[node.if_false]) + static_cast<uint32_t>(tests_of(node));
    most_weights_[index] = std::max(most_weights_[node.if_true], most_weights_[node.if_false]);
    switch (node.branch) {
      case ops::Branch::kLessOrEqual:
        return set(at, threshold, if_true, if_false, missing);
      case ops::Branch::kLess:
        return set(at, below(threshold), if_true, if_false, missing);
      case ops::Branch::kGreater:
        return set(at, threshold, if_false, if_true, !missing);
      case ops::Branch::kGreaterOrEqual:
        return set(at, below(threshold), if_false, if_true, !missing);
      case ops::Branch::kEqual:
        return set_equal(at, threshold, if_true, if_false, missing);
      case ops::Branch::kNotEqual:
        return set_equal(at, threshold, if_false, if_true, !missing);
      case ops::Branch::kMember:
        return set_members(at, node, if_true, if_false);
      case ops::Branch::kLeaf:
        break;
    }
  }

  void set_members(uint32_t at, const ops::TreeNode& node, uint32_t if_true, uint32_t if_false) {
    if (node.members.empty()) return set_equal(at, NAN, if_true, if_false, node.missing_is_true);
    for (size_t i = 0; i < node.members.size(); ++i, at += 2) {
      const uint32_t otherwise = i + 1 < node.members.size() ? at + 2 : if_false;
      set_equal(at, static_cast<float>(node.members[i]), if_true, otherwise, i == 0 && node.missing_is_true);
    }
  }

  // Leaves stand behind the inner nodes and lead to themselves.
  void number_leaves() {
    const auto inner = static_cast<uint32_t>(flat_.nodes_.size());
    const auto number = [&](uint32_t& place) {
      if (place & kLeafBit) place = inner + (place & ~kLeafBit);
    };
    for (Node& node : flat_.nodes_)
      for (uint32_t& next : node.next) number(next);
    for (auto& tree : flat_.trees_) number(tree.root);
    flat_.first_leaf_ = inner;
    for (uint32_t leaf = 0; leaf < flat_.weights_begin_.size(); ++leaf)
      flat_.nodes_.push_back({0, 0, {inner + leaf, inner + leaf}});
    flat_.weights_begin_.push_back(static_cast<uint32_t>(flat_.weights_.size()));
    flat_.missing_passes_.resize(flat_.nodes_.size());
    const auto& passes = flat_.missing_passes_;
    if (std::all_of(passes.begin(), passes.end(), [](uint8_t pass) { return pass == 0; }))
      flat_.missing_passes_.clear();
  }

  const ops::TreeEnsemble& trees_;
  FlatTrees& flat_;
  // Of the ensemble's nodes.
  std::vector<State> state_;
  std::vector<uint32_t> flat_of_, depth_;
  std::vector<size_t> most_weights_;  // of a leaf below
};

std::optional<FlatTrees> FlatTrees::make(const ops::TreeEnsemble& trees, size_t targets, int64_t features) {
  if (targets > kMostNumber || static_cast<size_t>(features) > kMostNumber) return std::nullopt;
  FlatTrees flat;
  flat.features_ = features;
  flat.targets_ = targets;
  if (!TreeFlattener(trees, flat).run()) return std::nullopt;
  return flat;
}

// kWalks of them, from the nodes `at` on; the examples lie `stride` apart.
template <bool kMissing>
void FlatTrees::walk(const float* examples, int64_t stride, uint32_t depth, uint32_t* at) const {
  const Node* nodes = nodes_.data();
  uint32_t now[kWalks];
  std::copy_n(at, kWalks, now);
  for (uint32_t level = 0; level < depth; ++level) {
#pragma GCC unroll 8
    for (int i = 0; i < kWalks; ++i) {
      const Node& node = nodes[now[i]];
      const float x = examples[i * stride + node.feature];
      bool passes = x <= node.threshold;
      if constexpr (kMissing) passes |= std::isnan(x) && missing_passes_[now[i]];
      now[i] = node.next[passes];
    }
    if (level % kLevels == kLevels - 1 && *std::min_element(now, now + kWalks) >= first_leaf_) break;
  }
  std::copy_n(now, kWalks, at);
}

void FlatTrees::walk_any(const float* examples, int64_t stride, uint32_t depth, uint32_t* at) const {
  missing_passes_.empty() ? walk<false>(examples, stride, depth, at)
                          : walk<true>(examples, stride, depth, at);
}

void FlatTrees::add_leaf(uint32_t leaf, double* sums) const {
  leaf -= first_leaf_;
  for (uint32_t i = weights_begin_[leaf]; i < weights_begin_[leaf + 1]; ++i)
    sums[weights_[i].target] += weights_[i].weight;
}

// Of kWalks examples.
void FlatTrees::sum_group(const float* examples, double* sums) const {
  for (const Tree& tree : trees_) {
    uint32_t at[kWalks];
    std::fill_n(at, kWalks, tree.root);
    walk_any(examples, features_, tree.depth, at);
    for (size_t i = 0; i < kWalks; ++i) add_leaf(at[i], sums + i * targets_);
  }
}

// Several trees at a time.
void FlatTrees::sum_one(const float* example, double* sums) const {
  for (size_t first = 0; first < trees_.size(); first += kWalks) {
    const size_t count = std::min<size_t>(kWalks, trees_.size() - first);
    uint32_t at[kWalks], depth = 0;
    for (size_t i = 0; i < kWalks; ++i) {
      const Tree& tree = trees_[first + std::min(i, count - 1)];
      at[i] = tree.root;
      depth = std::max(depth, tree.depth);
    }
    walk_any(example, 0, depth, at);
    for (size_t i = 0; i < count; ++i) add_leaf(at[i], sums);
  }
}

void FlatTrees::sum(const float* examples, int64_t count, double* sums) const {
  std::fill_n(sums, static_cast<size_t>(count) * targets_, 0.0);
  int64_t row = 0;
  for (; row + kWalks <= count; row += kWalks, sums += kWalks * targets_)
    sum_group(examples + row * features_, sums);
  for (; row < count; ++row, sums += targets_) sum_one(examples + row * features_, sums);
}

}  // namespace slipway::engine
