// ai.onnx.ml's TreeEnsembleClassifier and TreeEnsembleRegressor: trees whose nodes are told by the numbers of
// tree and node.
#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/registry.hpp"
#include "ops/tree_ensemble_node.hpp"

namespace slipway::ops {
namespace {

// The list `name` of floats, or the tensor `name`_as_tensor.
CountedVector<double> numbers_of(const Node& node, const std::string& name) {
  if (const Tensor* tensor = tensor_attribute(node, name + "_as_tensor")) {
    const Tensor numbers = cast_elements(*tensor, DataType::kDouble);
    return {numbers.data<double>().begin(), numbers.data<double>().end()};
  }
  const std::vector<float> list = node.floats_attribute(name, {});
  return {list.begin(), list.end()};
}

std::vector<int64_t> integers_of(const Node& node, const std::string& name, size_t count) {
  std::vector<int64_t> list = node.ints_attribute(name, {});
  if (list.size() != count)
    fail(ErrorCode::kInvalidModel, "'{}' has {} elements, but {} were expected", name, list.size(), count);
  return list;
}

Branch branch_of(const std::string& mode) {
  static const std::map<std::string, Branch, std::less<>> kModes{{"BRANCH_LEQ", Branch::kLessOrEqual},
                                                                 {"BRANCH_LT", Branch::kLess},
                                                                 {"BRANCH_GTE", Branch::kGreaterOrEqual},
                                                                 {"BRANCH_GT", Branch::kGreater},
                                                                 {"BRANCH_EQ", Branch::kEqual},
                                                                 {"BRANCH_NEQ", Branch::kNotEqual},
                                                                 {"LEAF", Branch::kLeaf}};
  const auto found = kModes.find(mode);
  if (found == kModes.end()) fail(ErrorCode::kInvalidModel, "'nodes_modes' has '{}', which is no mode", mode);
  return found->second;
}

using NodeNumber = std::pair<int64_t, int64_t>;  // of the tree, of the node in it

size_t find_node(const std::map<NodeNumber, size_t>& nodes, NodeNumber number) {
  const auto found = nodes.find(number);
  if (found == nodes.end())
    fail(ErrorCode::kInvalidModel, "tree {} has no node {}", number.first, number.second);
  return found->second;
}

// `kind`: what the leaves' weights are called, "class" or "target".
TreeEnsemble read_trees(const Node& node, const std::string& kind) {
  const auto modes = list_attribute<std::string>(node, "nodes_modes");
  const size_t count = modes.size();
  const auto trees = integers_of(node, "nodes_treeids", count),
             ids = integers_of(node, "nodes_nodeids", count);
  const auto features = integers_of(node, "nodes_featureids", count);
  const auto if_true = integers_of(node, "nodes_truenodeids", count);
  const auto if_false = integers_of(node, "nodes_falsenodeids", count);
  const auto values = numbers_of(node, "nodes_values");
  auto missing = node.ints_attribute("nodes_missing_value_tracks_true", {});
  if (missing.empty()) missing.resize(count);
  if (values.size() != count || missing.size() != count)
    fail(ErrorCode::kInvalidModel, "there are {} nodes, {} values and {} flags for missing values", count,
         values.size(), missing.size());

  TreeEnsemble ensemble;
  std::map<NodeNumber, size_t> numbered;
  std::set<int64_t> begun;
  for (size_t i = 0; i < count; ++i) {
    if (!numbered.emplace(NodeNumber(trees[i], ids[i]), i).second)
      fail(ErrorCode::kInvalidModel, "tree {} has node {} twice", trees[i], ids[i]);
    // A tree begins at its first node.
    if (begun.insert(trees[i]).second) ensemble.roots.push_back(i);
  }
  for (size_t i = 0; i < count; ++i) {
    TreeNode& one = ensemble.nodes.emplace_back();
    one.branch = branch_of(modes[i]);
    if (one.branch == Branch::kLeaf) continue;
    if (features[i] < 0) fail(ErrorCode::kInvalidModel, "'nodes_featureids' has {}", features[i]);
    one.feature = static_cast<size_t>(features[i]);
    one.threshold = values[i];
    one.missing_is_true = missing[i] != 0;
    one.if_true = find_node(numbered, {trees[i], if_true[i]});
    one.if_false = find_node(numbered, {trees[i], if_false[i]});
  }
  ensemble.weights.resize(count);
  const auto weights = numbers_of(node, kind + "_weights");
  const auto weight_trees = integers_of(node, kind + "_treeids", weights.size());
  const auto weight_nodes = integers_of(node, kind + "_nodeids", weights.size());
  const auto targets = integers_of(node, kind + "_ids", weights.size());
  for (size_t i = 0; i < weights.size(); ++i)
    ensemble.weights[find_node(numbered, {weight_trees[i], weight_nodes[i]})].push_back(
        {static_cast<size_t>(targets[i]), weights[i]});
  return ensemble;
}

ClassLabels labels_of(const Node& node) {
  return {node, "classlabels_int64s", "classlabels_strings"};
}

void infer_classifier(InferenceContext& context) {
  const ClassLabels labels = labels_of(context.node());
  infer_classes(context, labels, static_cast<int64_t>(labels.size()));
}

void compute_classifier(KernelContext& context) {
  const Node& node = context.node();
  const ClassLabels labels = labels_of(node);
  const TreeScores scores_of = read_tree_classifier(node);
  const ClassDecision decision(node, labels.size());
  const Tensor rows = feature_rows(context.input(0));
  const auto features = static_cast<size_t>(rows.dim(1));
  CountedVector<size_t> classes;
  CountedVector<double> all;
  for (size_t row = 0; row < static_cast<size_t>(rows.dim(0)); ++row) {
    auto scores = scores_of(rows.data<double>().subspan(row * features, features));
    classes.push_back(decision.decide(scores));
    all.insert(all.end(), scores.begin(), scores.end());
  }
  labels.write(context, classes);
  write_scores(context, 1, all, rows.dim(0));
}

int64_t target_count(const Node& node) {
  const int64_t targets = node.int_attribute("n_targets", 1);
  if (targets < 1) fail(ErrorCode::kInvalidModel, "'n_targets' is {}, but at least 1 was expected", targets);
  return targets;
}

Aggregate aggregate_of(const Node& node) {
  const std::string name = node.string_attribute("aggregate_function", "SUM");
  if (name == "AVERAGE") return Aggregate::kAverage;
  if (name == "SUM") return Aggregate::kSum;
  if (name == "MIN") return Aggregate::kMin;
  if (name == "MAX") return Aggregate::kMax;
  fail(ErrorCode::kInvalidModel, "aggregate_function is '{}', but AVERAGE, SUM, MIN or MAX was expected",
       name);
}

void infer_regressor(InferenceContext& context) {
  context.set_output_type(
      0, Type::tensor(DataType::kFloat, Shape{row_count(context), target_count(context.node())}));
}

void compute_regressor(KernelContext& context) {
  const TreeScores scores_of = read_tree_regressor(context.node());
  const Tensor rows = feature_rows(context.input(0));
  const auto features = static_cast<size_t>(rows.dim(1));
  CountedVector<double> all;
  for (size_t row = 0; row < static_cast<size_t>(rows.dim(0)); ++row) {
    auto scores = scores_of(rows.data<double>().subspan(row * features, features));
    transform_scores(scores, scores_of.transform);
    all.insert(all.end(), scores.begin(), scores.end());
  }
  write_scores(context, 0, all, rows.dim(0));
}

TreeScores read_scores(const Node& node, const std::string& kind, size_t targets, Aggregate aggregate) {
  TreeScores scores;
  scores.targets = targets;
  scores.aggregate = aggregate;
  scores.transform = score_transform(node);
  scores.trees = read_trees(node, kind);
  scores.trees.check(targets);
  scores.base = numbers_of(node, "base_values");
  if (!scores.base.empty() && scores.base.size() != targets && scores.base.size() != 1)
    fail(ErrorCode::kInvalidModel, "there are {} base values for {} targets", scores.base.size(), targets);
  return scores;
}

using Kind = Attribute::Kind;

// Those that both operators have, and those of one.
std::vector<AttributeSpec> attributes(std::initializer_list<AttributeSpec> own) {
  std::vector<AttributeSpec> all{{"base_values", Kind::kFloats},
                                 {"base_values_as_tensor", Kind::kTensor},
                                 {"nodes_falsenodeids", Kind::kInts},
                                 {"nodes_featureids", Kind::kInts},
                                 {"nodes_hitrates", Kind::kFloats},
                                 {"nodes_hitrates_as_tensor", Kind::kTensor},
                                 {"nodes_missing_value_tracks_true", Kind::kInts},
                                 {"nodes_modes", Kind::kStrings},
                                 {"nodes_nodeids", Kind::kInts},
                                 {"nodes_treeids", Kind::kInts},
                                 {"nodes_truenodeids", Kind::kInts},
                                 {"nodes_values", Kind::kFloats},
                                 {"nodes_values_as_tensor", Kind::kTensor},
                                 {"post_transform", Kind::kString}};
  all.insert(all.end(), own);
  return all;
}

}  // namespace

TreeScores read_tree_classifier(const Node& node) {
  return read_scores(node, "class", labels_of(node).size(), Aggregate::kSum);
}

TreeScores read_tree_regressor(const Node& node) {
  return read_scores(node, "target", static_cast<size_t>(target_count(node)), aggregate_of(node));
}

void TreeScores::complete(std::span<double> sums) const {
  if (aggregate == Aggregate::kAverage && !trees.roots.empty())
    for (double& sum : sums) sum /= static_cast<double>(trees.roots.size());
  for (size_t i = 0; i < base.size(); ++i) sums[i] += base[i];
}

CountedVector<double> TreeScores::operator()(std::span<const double> features) const {
  CountedVector<double> scores = trees.aggregated(features, aggregate, targets);
  complete(scores);
  return scores;
}

ClassDecision::ClassDecision(const Node& node, size_t classes) : transform_(score_transform(node)) {
  const auto ids = node.ints_attribute("class_ids", {});
  const auto weights = numbers_of(node, "class_weights");
  if (classes < 2)
    fail(ErrorCode::kUnsupported, "there is only one class label: what else there is has no name");
  const bool one_id =
      !ids.empty() && std::all_of(ids.begin(), ids.end(), [&](int64_t id) { return id == ids[0]; });
  is_binary_ = classes == 2 && one_id;
  is_first_ = is_binary_ && ids[0] == 0;
  is_positive_ = std::all_of(weights.begin(), weights.end(), [](double weight) { return weight >= 0; });
}

size_t ClassDecision::decide(std::span<double> scores) const {
  // The class is that of the sums as f32, which the outputs are: what is 0.5 there is no more than 0.5.
  for (double& score : scores) score = static_cast<double>(static_cast<float>(score));
  if (!is_binary_) {
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    transform_scores(scores, transform_);
    return static_cast<size_t>(best);
  }
  const double score = scores[is_first_ ? 0 : 1];
  if (is_first_) {
    scores[0] = is_probability() ? 1 - score : -score;
    scores[1] = score;
  }
  transform_scores(scores, transform_);
  return score > (is_positive_ ? 0.5 : 0) ? 1 : 0;
}

bool ClassDecision::is_probability() const {
  return transform_ == ScoreTransform::kProbit || (transform_ == ScoreTransform::kNone && is_positive_);
}

void register_tree_ensemble_scores(Registry& registry) {
  constexpr TypeSet kFeatures{DataType::kFloat, DataType::kDouble, DataType::kInt64, DataType::kInt32};
  registry.add({.name = "TreeEnsembleClassifier",
                .domain = "ai.onnx.ml",
                .since_version = 5,
                .inputs = {{"X", "T1"}},
                .outputs = {{"Y", "T2"}, {"Z", "tensor(float)"}},
                .attributes = attributes({{"class_ids", Kind::kInts},
                                          {"class_nodeids", Kind::kInts},
                                          {"class_treeids", Kind::kInts},
                                          {"class_weights", Kind::kFloats},
                                          {"class_weights_as_tensor", Kind::kTensor},
                                          {"classlabels_int64s", Kind::kInts},
                                          {"classlabels_strings", Kind::kStrings}}),
                .type_constraints = {{"T1", kFeatures}, {"T2", {DataType::kString, DataType::kInt64}}},
                .infer = infer_classifier,
                .compute = compute_classifier});
  registry.add({.name = "TreeEnsembleRegressor",
                .domain = "ai.onnx.ml",
                .since_version = 5,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "tensor(float)"}},
                .attributes = attributes({{"aggregate_function", Kind::kString},
                                          {"n_targets", Kind::kInt},
                                          {"target_ids", Kind::kInts},
                                          {"target_nodeids", Kind::kInts},
                                          {"target_treeids", Kind::kInts},
                                          {"target_weights", Kind::kFloats},
                                          {"target_weights_as_tensor", Kind::kTensor}}),
                .type_constraints = {{"T", kFeatures}},
                .infer = infer_regressor,
                .compute = compute_regressor});
}

}  // namespace slipway::ops
