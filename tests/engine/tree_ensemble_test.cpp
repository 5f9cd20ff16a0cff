// Trees against the reference kernel, which walks them one by one: every bit is the same, as both add the
// weights up in f64 and in the same order.
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

const std::vector<std::string> kModes = {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE",
                                         "BRANCH_GT",  "BRANCH_EQ", "BRANCH_NEQ"};
// Few numbers, so that thresholds are met exactly; on both sides of zero, and no number at all.
const float kNumbers[] = {-HUGE_VALF, -2.5f, -1, -1.4e-45f, -0.0f, 0, 1.4e-45f, 0.3f, 1, 2, HUGE_VALF, NAN};

struct Forest {
  std::vector<int64_t> tree, node, feature, if_true, if_false, missing, leaf_tree, leaf_node, leaf_target;
  std::vector<float> value, weight;
  std::vector<std::string> mode;
};

class TreeMaker : public GraphMaker {
 public:
  size_t below(size_t count) { return random() % count; }
  float number(size_t from, size_t to) { return kNumbers[from + below(to - from)]; }

  // Trees of random form, no deeper than `depth`.
  Forest forest(int64_t trees, int depth, int64_t features, int64_t targets, size_t modes, bool missing) {
    Forest forest;
    for (int64_t tree = 0; tree < trees; ++tree) {
      next_ = 0;
      grow(forest, tree, depth, features, targets, modes, missing);
    }
    return forest;
  }

  Tensor examples(Dims dims, bool has_nan = true) {
    Tensor tensor(DataType::kFloat, std::move(dims));
    for (float& value : tensor.data<float>()) value = number(0, has_nan ? 12 : 11);
    return tensor;
  }

 private:
  int64_t grow(Forest& forest, int64_t tree, int depth, int64_t features, int64_t targets, size_t modes,
               bool missing) {
    const int64_t id = next_++;
    const size_t place = forest.node.size();
    const bool is_leaf = depth == 0 || below(6) == 0;
    forest.tree.push_back(tree);
    forest.node.push_back(id);
    forest.feature.push_back(static_cast<int64_t>(below(static_cast<size_t>(features))));
    forest.value.push_back(number(0, 11));
    forest.missing.push_back(missing ? static_cast<int64_t>(below(2)) : 0);
    forest.mode.push_back(is_leaf ? "LEAF" : kModes[below(modes)]);
    forest.if_true.push_back(0);
    forest.if_false.push_back(0);
    if (is_leaf) {
      for (size_t i = below(3); i < 2; ++i) {  // up to two weights
        forest.leaf_tree.push_back(tree);
        forest.leaf_node.push_back(id);
        forest.leaf_target.push_back(static_cast<int64_t>(below(static_cast<size_t>(targets))));
        forest.weight.push_back(std::uniform_real_distribution<float>(-1, 1)(random));
      }
    } else {
      forest.if_true[place] = grow(forest, tree, depth - 1, features, targets, modes, missing);
      forest.if_false[place] = grow(forest, tree, depth - 1, features, targets, modes, missing);
    }
    return id;
  }

  int64_t next_ = 0;
};

Node* add_forest(TreeMaker& maker, const Tensor& examples, const Forest& forest, bool classifies) {
  const std::string kind = classifies ? "class" : "target";
  maker.model->opset_imports.set("ai.onnx.ml", 5);
  Node* node = maker.graph().add_node(classifies ? "TreeEnsembleClassifier" : "TreeEnsembleRegressor",
                                      {add_input(maker, examples)}, classifies ? 2 : 1, "ai.onnx.ml");
  node->set_attribute("nodes_treeids", forest.tree);
  node->set_attribute("nodes_nodeids", forest.node);
  node->set_attribute("nodes_featureids", forest.feature);
  node->set_attribute("nodes_truenodeids", forest.if_true);
  node->set_attribute("nodes_falsenodeids", forest.if_false);
  node->set_attribute("nodes_missing_value_tracks_true", forest.missing);
  node->set_attribute("nodes_values", forest.value);
  node->set_attribute("nodes_modes", forest.mode);
  node->set_attribute(kind + "_treeids", forest.leaf_tree);
  node->set_attribute(kind + "_nodeids", forest.leaf_node);
  node->set_attribute(kind + "_ids", forest.leaf_target);
  node->set_attribute(kind + "_weights", forest.weight);
  return node;
}

void expect_regressor(Dims dims, int64_t trees, int depth, int64_t targets, size_t modes, bool missing,
                      const std::string& aggregate = "SUM", const std::string& transform = "NONE",
                      bool fast = true) {
  TreeMaker maker;
  const Forest forest = maker.forest(trees, depth, dims.back(), targets, modes, missing);
  const Tensor examples = maker.examples(std::move(dims));
  Node* node = add_forest(maker, examples, forest, false);
  node->set_attribute("n_targets", targets);
  node->set_attribute("aggregate_function", aggregate);
  node->set_attribute("post_transform", transform);
  node->set_attribute("base_values", std::vector<float>(static_cast<size_t>(targets), 0.25f));
  expect_identical(maker, *node, {examples}, fast);
}

TEST(TreeEnsemble, EveryComparisonAndMissingValues) {
  for (size_t modes : {1, 2, 4, 6})
    for (bool missing : {false, true})
      for (int64_t examples : {1, 7, 8, 9, 16, 200})
        expect_regressor({examples, 5}, 13, 7, 1, modes, missing);
}

TEST(TreeEnsemble, NumbersOfTreesAndTargets) {
  for (int64_t trees : {1, 2, 7, 8, 9, 100})
    for (int64_t targets : {1, 2, 5})
      for (int64_t examples : {1, 3, 90}) expect_regressor({examples, 3}, trees, 4, targets, 1, false);
  expect_regressor({4}, 5, 3, 2, 6, true);
  expect_regressor({40, 4}, 5, 0, 2, 6, true);  // leaves alone
}

TEST(TreeEnsemble, AggregatesAndTransforms) {
  for (const char* transform : {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"})
    for (const char* aggregate : {"SUM", "AVERAGE"})
      expect_regressor({33, 6}, 11, 5, 3, 6, true, aggregate, transform);
  for (const char* aggregate : {"MIN", "MAX"})
    expect_regressor({33, 6}, 11, 5, 3, 6, true, aggregate, "NONE", false);
}

TEST(TreeEnsemble, Classifies) {
  for (int64_t classes : {2, 3})
    for (bool one_class : {false, true})
      for (const char* transform : {"NONE", "SOFTMAX", "LOGISTIC"})
        for (int64_t examples : {1, 21}) {
          TreeMaker maker;
          Forest forest = maker.forest(9, 5, 4, one_class ? 1 : classes, 6, true);
          const Tensor rows = maker.examples({examples, 4});
          Node* node = add_forest(maker, rows, forest, true);
          std::vector<int64_t> labels{7, -3, 40};
          labels.resize(static_cast<size_t>(classes));
          node->set_attribute("classlabels_int64s", labels);
          node->set_attribute("post_transform", std::string(transform));
          expect_identical(maker, *node, {rows});
        }
}

TEST(TreeEnsemble, LeavesWhatItCannotHoldToTheReferenceKernel) {
  // A tree in circles that no example walks into; a feature that no example asks for.
  for (bool circle : {false, true}) {
    TreeMaker maker;
    Forest forest;
    forest.tree = {0, 0, 0}, forest.node = {0, 1, 2}, forest.feature = {0, circle ? 0 : 9, 0};
    forest.if_true = {2, circle ? 0 : 2, 0}, forest.if_false = {1, 2, 0}, forest.missing = {0, 0, 0};
    forest.value = {HUGE_VALF, 0, 0}, forest.mode = {"BRANCH_LEQ", "BRANCH_LEQ", "LEAF"};
    forest.leaf_tree = {0}, forest.leaf_node = {2}, forest.leaf_target = {0}, forest.weight = {3};
    const Tensor examples = maker.examples({4, 2}, false);
    expect_identical(maker, *add_forest(maker, examples, forest, false), {examples}, false);
  }
}

// The operator with nodes and leaves apart: a set, and a number met exactly.
TEST(TreeEnsemble, MembersOfSets) {
  TreeMaker maker;
  maker.model->opset_imports.set("ai.onnx.ml", 5);
  const Tensor examples = maker.examples({50, 2});
  Node* node = maker.graph().add_node("TreeEnsemble", {add_input(maker, examples)}, 1, "ai.onnx.ml");
  using Ints = std::vector<int64_t>;
  const auto floats = [](std::vector<float> values) {
    return Constant{Tensor::from<float>({static_cast<int64_t>(values.size())}, values), {}, {}};
  };
  node->set_attribute("nodes_featureids", Ints{0, 1, 1});
  node->set_attribute("nodes_modes",
                      Constant{Tensor::from<uint8_t>({3}, std::vector<uint8_t>{6, 0, 6}), {}, {}});
  node->set_attribute("nodes_splits", floats({0, 0.3f, 0}));
  node->set_attribute("membership_values", floats({1, -2.5f, 0, NAN, 0.3f, NAN}));
  node->set_attribute("nodes_missing_value_tracks_true", Ints{1, 0, 1});
  node->set_attribute("nodes_truenodeids", Ints{1, 0, 2});
  node->set_attribute("nodes_trueleafs", Ints{0, 1, 1});
  node->set_attribute("nodes_falsenodeids", Ints{2, 1, 3});
  node->set_attribute("nodes_falseleafs", Ints{0, 1, 1});
  node->set_attribute("leaf_targetids", Ints{0, 1, 0, 1});
  node->set_attribute("leaf_weights", floats({1, 2, 4, 8}));
  node->set_attribute("tree_roots", Ints{0});
  node->set_attribute("n_targets", int64_t{2});
  expect_identical(maker, *node, {examples});
}

}  // namespace
}  // namespace slipway::engine
