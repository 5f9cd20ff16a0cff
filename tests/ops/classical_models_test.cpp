// The operators of ai.onnx.ml. The expected values are ONNX Runtime 1.32's, but where a test says otherwise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "ops/class_scores.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;
using Settings = std::vector<OneOperator::Setting>;
using Integers = std::vector<int64_t>;
using Floats = std::vector<float>;
using Strings = std::vector<std::string>;

const float kNan = std::numeric_limits<float>::quiet_NaN();

MATCHER(IsCloseInSingle, "") {
  return std::abs(std::get<0>(arg) - std::get<1>(arg)) <= 2e-6F * std::max(1.0F, std::abs(std::get<1>(arg)));
}

Tensor table(Dims dims, const Floats& values) {
  return Tensor::from<float>(std::move(dims), std::span(values));
}

OneOperator on_table(const std::string& name, const Settings& settings, size_t outputs = 1) {
  return OneOperator("ai.onnx.ml:" + name, {Type::tensor(DataType::kFloat)}, settings, outputs);
}

void expect_scores(const Tensor& tensor, const Floats& expected) {
  EXPECT_THAT(tensor.data<float>(), Pointwise(IsCloseInSingle(), expected));
}

TEST(FeatureScaling, NormalizesRowsAndLeavesZerosAlone) {
  const Tensor rows = table({3, 3}, {1, -4, 2, -1, -2, -3, 0, 0, 0});
  expect_scores(on_table("Normalizer", {{"norm", "MAX"}}).run({rows}), {0.5, -2, 1, 1, 2, 3, 0, 0, 0});
  expect_scores(on_table("Normalizer", {{"norm", "L2"}}).run({rows}),
                {0.2182179F, -0.8728716F, 0.4364358F, -0.26726124F, -0.5345225F, -0.80178374F, 0, 0, 0});
  EXPECT_THAT([&] { on_table("Normalizer", {{"norm", "L3"}}).run({rows}); },
              ThrowsMessage<Error>(HasSubstr("norm is 'L3'")));
}

TEST(FeatureScaling, ReplacesMissingValuesByColumn) {
  const Settings settings{{"imputed_value_floats", Floats{9, 8}}, {"replaced_value_float", kNan}};
  expect_scores(on_table("Imputer", settings).run({table({2, 2}, {1, kNan, kNan, 3})}), {1, 8, 9, 3});
  EXPECT_THAT([&] { on_table("Imputer", settings).run({table({1, 3}, {1, 2, 3})}); },
              ThrowsMessage<Error>(HasSubstr("2 elements for 3 features")));
}

TEST(FeatureScaling, OneScaleForAllOrOneForEach) {
  const Settings settings{{"offset", Floats{1}}, {"scale", Floats{2, 10}}};
  expect_scores(on_table("Scaler", settings).run({table({2, 2}, {1, 2, 3, 4})}), {0, 10, 4, 30});
}

TEST(FeatureSelection, PicksCutsAndFillsColumns) {
  const OneOperator pick("ai.onnx.ml:ArrayFeatureExtractor", {Type::tensor(DataType::kFloat, Shape{3}),
                                                              Type::tensor(DataType::kInt64, Shape{2})});
  EXPECT_EQ(pick.output_type(), "f32[1,2]");
  expect_scores(pick.run({table({3}, {1, 2, 3}), integers({2, 0})}), {3, 1});
  EXPECT_THAT([&] { pick.run({table({3}, {1, 2, 3}), integers({3, 0})}); },
              ThrowsMessage<Error>(HasSubstr("index 3 is outside")));
  const OneOperator join(
      "ai.onnx.ml:FeatureVectorizer",
      {Type::tensor(DataType::kFloat, Shape{2, 2}), Type::tensor(DataType::kFloat, Shape{2, 1})},
      {{"inputdimensions", Integers{1, 2}}});
  EXPECT_EQ(join.output_type(), "f32[2,3]");
  expect_scores(join.run({table({2, 2}, {1, 2, 3, 4}), table({2, 1}, {5, 6})}), {1, 5, 0, 3, 6, 0});
}

TEST(LabelEncoder, MapsWhatHasNoKeyToTheDefault) {
  const OneOperator encode(
      "ai.onnx.ml:LabelEncoder", {Type::tensor(DataType::kFloat, Shape{3})},
      {{"keys_floats", Floats{kNan, 0}}, {"values_strings", Strings{"missing", "none"}}});
  EXPECT_EQ(encode.output_type(), "string[3]");
  EXPECT_THAT(encode.run({table({3}, {kNan, -0.0F, 1})}).data<Text>(),
              ElementsAre("missing", "none", "_Unused"));
  const OneOperator mixed("ai.onnx.ml:LabelEncoder", {Type::tensor(DataType::kInt64, Shape{1})},
                          {{"keys_strings", Strings{"a"}}, {"values_int64s", Integers{1}}});
  EXPECT_THAT([&] { mixed.run({integers({1})}); },
              ThrowsMessage<Error>(HasSubstr("types and counts differ")));
}

TEST(OneHotEncoder, FailsForUnknownCategoriesWhereItIsToldTo) {
  const Settings categories{{"cats_int64s", Integers{1, 2}}};
  expect_scores(on_table("OneHotEncoder", categories).run({table({2}, {2, 7})}), {0, 1, 0, 0});
  EXPECT_THAT(
      [&] { on_table("OneHotEncoder", {categories[0], {"zeros", int64_t{0}}}).run({table({1}, {7})}); },
      ThrowsMessage<Error>(HasSubstr("7 is none of the categories")));
}

// The quantiles are those of Python's statistics.NormalDist.
TEST(ScoreTransforms, ProbitIsTheNormalQuantile) {
  std::vector<double> scores{0.2, 0.5, 0.975, 1e-6, 1e-12};
  transform_scores(scores, ScoreTransform::kProbit);
  const double expected[] = {-0.8416212335729142, 0, 1.959963984540054, -4.753424308822899,
                             -7.034483825301131};
  for (size_t i = 0; i < scores.size(); ++i) EXPECT_NEAR(scores[i], expected[i], 1e-13);
}

Settings linear(const std::string& transform) {
  return {{"coefficients", Floats{0.3F, 0.2F}},
          {"intercepts", Floats{0.1F}},
          {"classlabels_ints", Integers{5, 7}},
          {"post_transform", transform}};
}

TEST(LinearClassifier, OneRowOfCoefficientsDecidesBetweenTwoClasses) {
  const Tensor rows = table({2, 2}, {1, 2, -3, 0.5});
  const OneOperator plain = on_table("LinearClassifier", linear("NONE"), 2);
  EXPECT_THAT(plain.run({rows}).data<int64_t>(), ElementsAre(7, 5));
  expect_scores(plain.run({rows}, 1), {0.2F, 0.8F, 1.7F, -0.7F});
  expect_scores(on_table("LinearClassifier", linear("LOGISTIC"), 2).run({rows}, 1),
                {0.3100255F, 0.6899745F, 0.66818774F, 0.33181226F});
  EXPECT_THAT([&] { plain.run({table({1, 3}, {1, 2, 3})}); },
              ThrowsMessage<Error>(HasSubstr("coefficients")));
}

Settings stump(Settings own) {
  own.insert(own.end(), {{"nodes_treeids", Integers{0, 0, 0}},
                         {"nodes_nodeids", Integers{0, 1, 2}},
                         {"nodes_featureids", Integers{0, 0, 0}},
                         {"nodes_modes", Strings{"BRANCH_LEQ", "LEAF", "LEAF"}},
                         {"nodes_values", Floats{0, 0, 0}},
                         {"nodes_truenodeids", Integers{1, 0, 0}},
                         {"nodes_falsenodeids", Integers{2, 0, 0}}});
  return own;
}

Settings classes(const Floats& weights, const Integers& ids, const std::string& transform) {
  Integers nodes(weights.size(), 1);
  std::fill(nodes.begin() + static_cast<std::ptrdiff_t>(weights.size() / 2), nodes.end(), 2);
  return stump({{"class_treeids", Integers(weights.size(), 0)},
                {"class_nodeids", nodes},
                {"class_ids", ids},
                {"class_weights", weights},
                {"classlabels_strings", Strings{"no", "yes"}},
                {"post_transform", transform}});
}

TEST(TreeEnsembleClassifier, WeightsOfOneClassAreThoseOfTheSecond) {
  const Tensor rows = table({2, 1}, {-1, 1});
  const auto run = [&](const Floats& weights, const std::string& transform, size_t output) {
    return on_table("TreeEnsembleClassifier", classes(weights, {0, 0}, transform), 2).run({rows}, output);
  };
  EXPECT_THAT(run({0.2F, 0.8F}, "NONE", 0).data<Text>(), ElementsAre("no", "yes"));
  expect_scores(run({0.2F, 0.8F}, "NONE", 1), {0.8F, 0.2F, 0.2F, 0.8F});
  expect_scores(run({-0.2F, 0.8F}, "NONE", 1), {0.2F, -0.2F, -0.8F, 0.8F});
  expect_scores(run({-0.2F, 0.8F}, "LOGISTIC", 1), {0.54983395F, 0.45016605F, 0.3100255F, 0.6899745F});
}

// Here ONNX Runtime names a class that is not in the list; ONNX's reference evaluator agrees.
TEST(TreeEnsembleClassifier, TheLargestScoreWins) {
  const OneOperator trees =
      on_table("TreeEnsembleClassifier", classes({0.2F, 0.8F, 0.9F, 0.1F}, {0, 1, 0, 1}, "NONE"), 2);
  EXPECT_THAT(trees.run({table({2, 1}, {-1, 1})}).data<Text>(), ElementsAre("yes", "no"));
  expect_scores(trees.run({table({2, 1}, {-1, 1})}, 1), {0.2F, 0.8F, 0.9F, 0.1F});
}

TEST(TreeEnsembleRegressor, MissingValuesGoToTheFalseBranchUnlessStated) {
  Settings settings = stump({{"target_treeids", Integers{0, 0}},
                             {"target_nodeids", Integers{1, 2}},
                             {"target_ids", Integers{0, 0}},
                             {"target_weights", Floats{0.2F, -0.8F}},
                             {"n_targets", int64_t{1}}});
  const Tensor rows = table({3, 1}, {-1, 1, kNan});
  expect_scores(on_table("TreeEnsembleRegressor", settings).run({rows}), {0.2F, -0.8F, -0.8F});
  settings.push_back({"nodes_missing_value_tracks_true", Integers{1, 0, 0}});
  expect_scores(on_table("TreeEnsembleRegressor", settings).run({rows}), {0.2F, -0.8F, 0.2F});
}

TEST(TreeEnsembleRegressor, RefusesCirclesAndMissingNodes) {
  const auto run = [](int64_t if_true) {
    on_table("TreeEnsembleRegressor", {{"nodes_treeids", Integers{0, 0}},
                                       {"nodes_nodeids", Integers{0, 1}},
                                       {"nodes_featureids", Integers{0, 0}},
                                       {"nodes_modes", Strings{"BRANCH_LT", "LEAF"}},
                                       {"nodes_values", Floats{5, 0}},
                                       {"nodes_truenodeids", Integers{if_true, 0}},
                                       {"nodes_falsenodeids", Integers{1, 0}},
                                       {"n_targets", int64_t{1}}})
        .run({table({1, 1}, {0})});
  };
  EXPECT_THAT([&] { run(0); }, ThrowsMessage<Error>(HasSubstr("goes in circles")));
  EXPECT_THAT([&] { run(9); }, ThrowsMessage<Error>(HasSubstr("has no node 9")));
}

Settings machine(Settings own) {
  own.insert(own.end(),
             {{"kernel_params", Floats{0.5F, 0.1F, 2}}, {"support_vectors", Floats{0, 0, 1, 1, 2, 0}}});
  return own;
}

TEST(SupportVectorMachine, KnowsFourKernels) {
  const Tensor rows = table({2, 2}, {1, 2, -3, 0.5});
  const auto run = [&](const std::string& kernel, size_t output) {
    const Settings settings = machine({{"kernel_type", kernel},
                                       {"coefficients", Floats{0.5F, 0.3F, -0.8F}},
                                       {"rho", Floats{0.1F}},
                                       {"vectors_per_class", Integers{2, 1}},
                                       {"classlabels_ints", Integers{5, 7}}});
    return on_table("SVMClassifier", settings, 2).run({rows}, output);
  };
  expect_scores(run("LINEAR", 1), {0.6F, -0.6F, -4.15F, 4.15F});
  expect_scores(run("RBF", 1), {-0.2573337F, 0.2573337F, -0.10498801F, 0.10498801F});
  expect_scores(run("POLY", 1), {0.095F, -0.095F, 6.2262506F, -6.2262506F});
  expect_scores(run("SIGMOID", 1), {0.2140647F, -0.2140647F, -0.6996784F, 0.6996784F});
  EXPECT_THAT(run("LINEAR", 0).data<int64_t>(), ElementsAre(7, 5));
}

TEST(SupportVectorMachine, CouplesTheProbabilitiesOfThreeClasses) {
  const Settings settings = machine({{"kernel_type", "RBF"},
                                     {"coefficients", Floats{0.5F, 0.3F, -0.8F, 0.2F, -0.4F, 0.6F}},
                                     {"rho", Floats{0.1F, 0.2F, -0.3F}},
                                     {"prob_a", Floats{-1, -2, -0.5F}},
                                     {"prob_b", Floats{0.1F, 0.2F, 0.3F}},
                                     {"vectors_per_class", Integers{1, 1, 1}},
                                     {"classlabels_strings", Strings{"a", "b", "c"}}});
  const OneOperator svm = on_table("SVMClassifier", settings, 2);
  const Tensor rows = table({2, 2}, {1, 2, -3, 0.5});
  EXPECT_THAT(svm.run({rows}).data<Text>(), ElementsAre("a", "a"));
  expect_scores(svm.run({rows}, 1),
                {0.37075865F, 0.25554785F, 0.3736936F, 0.3600343F, 0.286257F, 0.3537087F});
}

TEST(SupportVectorMachine, RegressesAndTellsOneClass) {
  const Tensor rows = table({2, 2}, {1, 2, -3, 0.5});
  Settings settings = machine({{"kernel_type", "RBF"},
                               {"coefficients", Floats{0.5F, 0.3F, -0.8F}},
                               {"rho", Floats{0.1F}},
                               {"n_supports", int64_t{3}}});
  expect_scores(on_table("SVMRegressor", settings).run({rows}), {0.2573337F, 0.10498801F});
  settings.push_back({"one_class", int64_t{1}});
  expect_scores(on_table("SVMRegressor", settings).run({rows}), {1, 1});
  EXPECT_THAT([&] { on_table("SVMRegressor", settings).run({table({1, 1}, {1})}); },
              ThrowsMessage<Error>(HasSubstr("'support_vectors' has 6 elements")));
}

}  // namespace
}  // namespace slipway::ops
