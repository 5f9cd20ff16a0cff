// ai.onnx.ml's TreeEnsemble: trees whose nodes and leaves stand in lists of their own.
#include <cmath>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/registry.hpp"
#include "ops/tree_ensemble_node.hpp"

namespace slipway::ops {
namespace {

CountedVector<double> numbers_of(const Node& node, std::string_view attribute, size_t count) {
  const Tensor* tensor = tensor_attribute(node, attribute);
  if (!tensor) return {};
  const Tensor numbers = cast_elements(*tensor, DataType::kDouble);
  if (static_cast<size_t>(numbers.count()) != count)
    fail(ErrorCode::kInvalidModel, "'{}' has {} elements, but there are {}", attribute, numbers.count(),
         count);
  return {numbers.data<double>().begin(), numbers.data<double>().end()};
}

std::vector<size_t> indices_of(const Node& node, std::string_view attribute, size_t count) {
  std::vector<size_t> indices;
  for (int64_t index : node.ints_attribute(attribute, {})) {
    if (index < 0) fail(ErrorCode::kInvalidModel, "'{}' has {}, but must not be negative", attribute, index);
    indices.push_back(static_cast<size_t>(index));
  }
  if (indices.size() != count)
    fail(ErrorCode::kInvalidModel, "'{}' has {} elements, but there are {}", attribute, indices.size(),
         count);
  return indices;
}

// The sets of the nodes that test for membership, one after the other, each with a NaN behind it.
void read_members(const Node& node, std::vector<TreeNode>& nodes) {
  const Tensor* tensor = tensor_attribute(node, "membership_values");
  const Tensor numbers = tensor ? cast_elements(*tensor, DataType::kDouble) : Tensor(DataType::kDouble, {0});
  auto next = numbers.data<double>().begin();
  const auto end = numbers.data<double>().end();
  for (TreeNode& one : nodes) {
    if (one.branch != Branch::kMember) continue;
    if (next == end)
      fail(ErrorCode::kInvalidModel, "'membership_values' has too few sets: each ends with a NaN");
    while (next != end && !std::isnan(*next)) one.members.push_back(*next++);
    if (next != end) ++next;
  }
}

// Leaves become nodes behind the others.
TreeEnsemble read_trees(const Node& node) {
  TreeEnsemble trees;
  const size_t count = node.ints_attribute("nodes_featureids", {}).size();
  const size_t leaves = node.ints_attribute("leaf_targetids", {}).size();
  const auto modes = numbers_of(node, "nodes_modes", count);
  const auto splits = numbers_of(node, "nodes_splits", count);
  const auto features = indices_of(node, "nodes_featureids", count);
  const auto if_true = indices_of(node, "nodes_truenodeids", count);
  const auto if_false = indices_of(node, "nodes_falsenodeids", count);
  const auto true_leaf = indices_of(node, "nodes_trueleafs", count);
  const auto false_leaf = indices_of(node, "nodes_falseleafs", count);
  const bool states_missing = node.find_attribute("nodes_missing_value_tracks_true") != nullptr;
  const auto missing = states_missing ? indices_of(node, "nodes_missing_value_tracks_true", count)
                                      : std::vector<size_t>(count);
  const auto child = [&](size_t index, bool is_leaf) {
    if (index >= (is_leaf ? leaves : count))
      fail(ErrorCode::kInvalidModel, "a branch leads to {} {}, but there are {}", is_leaf ? "leaf" : "node",
           index, is_leaf ? leaves : count);
    return is_leaf ? count + index : index;
  };
  for (size_t i = 0; i < count; ++i) {
    if (modes.empty() || splits.empty() || !(modes[i] >= 0 && modes[i] <= 6))
      fail(ErrorCode::kInvalidModel, "node {} has no threshold, or no comparison from 0 to 6", i);
    trees.nodes.push_back({static_cast<Branch>(static_cast<int>(modes[i])),
                           missing[i] != 0,
                           features[i],
                           splits[i],
                           {},
                           child(if_true[i], true_leaf[i] != 0),
                           child(if_false[i], false_leaf[i] != 0)});
  }
  read_members(node, trees.nodes);
  trees.nodes.resize(count + leaves);
  trees.weights.resize(count + leaves);
  const auto weights = numbers_of(node, "leaf_weights", leaves);
  const auto targets = indices_of(node, "leaf_targetids", leaves);
  for (size_t i = 0; i < weights.size(); ++i) trees.weights[count + i] = {{targets[i], weights[i]}};
  trees.roots = indices_of(node, "tree_roots", node.ints_attribute("tree_roots", {}).size());
  return trees;
}

int64_t enumerated(const Node& node, std::string_view attribute, int64_t otherwise, int64_t most) {
  const int64_t number = node.int_attribute(attribute, otherwise);
  if (number < 0 || number > most)
    fail(ErrorCode::kInvalidModel, "'{}' is {}, but a number from 0 to {} was expected", attribute, number,
         most);
  return number;
}

int64_t target_count(const Node& node) {
  const int64_t targets = node.int_attribute("n_targets", 1);
  if (targets < 1) fail(ErrorCode::kInvalidModel, "'n_targets' is {}, but at least 1 was expected", targets);
  return targets;
}

void infer(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(context.input_element_type(0),
                                          Shape{row_count(context), target_count(context.node())}));
}

void compute(KernelContext& context) {
  const TreeScores scores_of = read_tree_ensemble(context.node());
  const Tensor rows = feature_rows(context.input(0));
  const auto features = static_cast<size_t>(rows.dim(1));
  Tensor all = context.allocate(DataType::kDouble, {rows.dim(0), static_cast<int64_t>(scores_of.targets)});
  for (size_t row = 0; row < static_cast<size_t>(rows.dim(0)); ++row) {
    auto scores = scores_of(rows.data<double>().subspan(row * features, features));
    transform_scores(scores, scores_of.transform);
    std::copy(scores.begin(), scores.end(), all.data<double>().subspan(row * scores_of.targets).begin());
  }
  cast_elements(all, context.make_output(0, context.input(0).type(), all.dims()));
}

}  // namespace

TreeScores read_tree_ensemble(const Node& node) {
  TreeScores scores;
  scores.targets = static_cast<size_t>(target_count(node));
  scores.aggregate = static_cast<Aggregate>(enumerated(node, "aggregate_function", 1, 3));
  scores.transform = static_cast<ScoreTransform>(enumerated(node, "post_transform", 0, 4));
  scores.trees = read_trees(node);
  scores.trees.check(scores.targets);
  return scores;
}

void register_tree_ensemble_operator(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "TreeEnsemble",
                .domain = "ai.onnx.ml",
                .since_version = 5,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"aggregate_function", Kind::kInt},
                               {"leaf_targetids", Kind::kInts, true},
                               {"leaf_weights", Kind::kTensor, true},
                               {"membership_values", Kind::kTensor},
                               {"n_targets", Kind::kInt},
                               {"nodes_falseleafs", Kind::kInts, true},
                               {"nodes_falsenodeids", Kind::kInts, true},
                               {"nodes_featureids", Kind::kInts, true},
                               {"nodes_hitrates", Kind::kTensor},
                               {"nodes_missing_value_tracks_true", Kind::kInts},
                               {"nodes_modes", Kind::kTensor, true},
                               {"nodes_splits", Kind::kTensor, true},
                               {"nodes_trueleafs", Kind::kInts, true},
                               {"nodes_truenodeids", Kind::kInts, true},
                               {"post_transform", Kind::kInt},
                               {"tree_roots", Kind::kInts, true}},
                .type_constraints = {{"T", kIeeeFloats}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
