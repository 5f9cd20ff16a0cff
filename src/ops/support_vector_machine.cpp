// ai.onnx.ml's SVMClassifier and SVMRegressor: weighted sums of kernels between an example and support
// vectors.
#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/class_scores.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

using Vector = std::span<const double>;

CountedVector<double> numbers_of(const Node& node, std::string_view attribute) {
  const std::vector<float> list = node.floats_attribute(attribute, {});
  return {list.begin(), list.end()};
}

double dot(Vector a, Vector b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double squared_distance(Vector a, Vector b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

class Kernel {
 public:
  explicit Kernel(const Node& node) : type_(node.string_attribute("kernel_type", "LINEAR")) {
    if (type_ != "LINEAR" && type_ != "POLY" && type_ != "RBF" && type_ != "SIGMOID")
      fail(ErrorCode::kInvalidModel, "kernel_type is '{}', but LINEAR, POLY, RBF or SIGMOID was expected",
           type_);
    const auto parameters = numbers_of(node, "kernel_params");
    if (parameters.size() != 3 && !(parameters.empty() && type_ == "LINEAR"))
      fail(ErrorCode::kInvalidModel,
           "'kernel_params' has {} elements, but gamma, coef0 and degree were expected", parameters.size());
    if (!parameters.empty()) gamma_ = parameters[0], coef0_ = parameters[1], degree_ = parameters[2];
  }

  double operator()(Vector a, Vector b) const {
    WorkScope::spend(1 + static_cast<double>(a.size()));
    if (type_ == "RBF") return std::exp(-gamma_ * squared_distance(a, b));
    if (type_ == "POLY") return std::pow(gamma_ * dot(a, b) + coef0_, degree_);
    if (type_ == "SIGMOID") return std::tanh(gamma_ * dot(a, b) + coef0_);
    return dot(a, b);
  }

 private:
  std::string type_;
  double gamma_ = 0;
  double coef0_ = 0;
  double degree_ = 0;
};

// `count` vectors of `size` numbers in an attribute.
CountedVector<double> vectors_of(const Node& node, std::string_view attribute, size_t count, size_t size) {
  auto numbers = numbers_of(node, attribute);
  if (numbers.size() != count * size || (size != 0 && count > numbers.size()))
    fail(ErrorCode::kInvalidArgument, "'{}' has {} elements, but {} times {} were expected", attribute,
         numbers.size(), count, size);
  return numbers;
}

Vector vector_at(const CountedVector<double>& numbers, size_t index, size_t size) {
  return Vector(numbers).subspan(index * size, size);
}

// Probabilities of classes from those of each class against each other: the second method of Wu, Lin and
// Weng, "Probability Estimates for Multi-class Classification by Pairwise Coupling" (2004), algorithm 2.
// pairwise[i * count + j]: of class i where it is i or j.
CountedVector<double> couple(const CountedVector<double>& pairwise, size_t count) {
  const auto r = [&](size_t i, size_t j) { return pairwise[i * count + j]; };
  CountedVector<double> q(count * count), p(count, 1.0 / static_cast<double>(count)), qp(count);
  for (size_t i = 0; i < count; ++i)
    for (size_t j = 0; j < count; ++j) {
      if (i == j) continue;
      q[i * count + j] = -r(j, i) * r(i, j);
      q[i * count + i] += r(j, i) * r(j, i);
    }
  const double tolerance = 0.005 / static_cast<double>(count);
  for (size_t round = 0; round < std::max<size_t>(100, count); ++round) {
    WorkScope::spend(static_cast<double>(count) * static_cast<double>(count));
    double pqp = 0, error = 0;
    for (size_t i = 0; i < count; ++i) {
      qp[i] = dot(vector_at(q, i, count), p);
      pqp += p[i] * qp[i];
    }
    for (double one : qp) error = std::max(error, std::abs(one - pqp));
    if (error < tolerance) break;
    for (size_t i = 0; i < count; ++i) {
      const double own = q[i * count + i], change = (pqp - qp[i]) / own;
      p[i] += change;
      pqp = (pqp + change * (change * own + 2 * qp[i])) / ((1 + change) * (1 + change));
      for (size_t j = 0; j < count; ++j) {
        qp[j] = (qp[j] + change * q[i * count + j]) / (1 + change);
        p[j] /= 1 + change;
      }
    }
  }
  return p;
}

struct Decision {
  size_t label;
  CountedVector<double> scores;
};

// One classifier for each pair of classes, which vote.
class PairwiseClassifier {
 public:
  PairwiseClassifier(const Node& node, size_t classes, size_t features)
      : kernel_(node), classes_(classes), features_(features), transform_(score_transform(node)) {
    for (int64_t size : node.ints_attribute("vectors_per_class", {})) {
      if (size < 0 || size > (int64_t{1} << 40))
        fail(ErrorCode::kInvalidModel, "'vectors_per_class' has {}", size);
      begins_.push_back(count_);
      count_ += static_cast<size_t>(size);
    }
    if (begins_.size() != classes || classes < 2)
      fail(ErrorCode::kInvalidModel,
           "'vectors_per_class' has {} elements for {} classes: it takes two or more", begins_.size(),
           classes);
    begins_.push_back(count_);
    const size_t pairs = classes * (classes - 1) / 2;
    vectors_ = vectors_of(node, "support_vectors", count_, features);
    coefficients_ = vectors_of(node, "coefficients", classes - 1, count_);
    rho_ = vectors_of(node, "rho", pairs, 1);
    if (node.find_attribute("prob_a")) {
      prob_a_ = vectors_of(node, "prob_a", pairs, 1);
      prob_b_ = vectors_of(node, "prob_b", pairs, 1);
    }
  }

  Decision decide(Vector features) const {
    CountedVector<double> kernels;
    for (size_t i = 0; i < count_; ++i)
      kernels.push_back(kernel_(features, vector_at(vectors_, i, features_)));
    CountedVector<double> scores;
    std::vector<size_t> votes(classes_);
    for (size_t i = 0; i < classes_; ++i)
      for (size_t j = i + 1; j < classes_; ++j) {
        scores.push_back(rho_[scores.size()] + part(kernels, i, j - 1) + part(kernels, j, i));
        ++votes[scores.back() > 0 ? i : j];
      }
    const auto label = static_cast<size_t>(std::max_element(votes.begin(), votes.end()) - votes.begin());
    if (!prob_a_.empty())
      scores = couple(pairwise(scores), classes_);
    else if (classes_ == 2)
      scores = {-scores[0], scores[0]};
    transform_scores(scores, transform_);
    return {label, scores};
  }

 private:
  // The sum over the support vectors of a class, weighted by a row of coefficients.
  double part(const CountedVector<double>& kernels, size_t of_class, size_t row) const {
    double sum = 0;
    for (size_t i = begins_[of_class]; i < begins_[of_class + 1]; ++i)
      sum += coefficients_[row * count_ + i] * kernels[i];
    return sum;
  }

  CountedVector<double> pairwise(const CountedVector<double>& scores) const {
    CountedVector<double> probabilities(classes_ * classes_);
    for (size_t i = 0, pair = 0; i < classes_; ++i)
      for (size_t j = i + 1; j < classes_; ++j, ++pair) {
        const double raw = 1 / (1 + std::exp(scores[pair] * prob_a_[pair] + prob_b_[pair]));
        const double probability = std::clamp(raw, 1e-7, 1 - 1e-7);
        probabilities[i * classes_ + j] = probability;
        probabilities[j * classes_ + i] = 1 - probability;
      }
    return probabilities;
  }

  Kernel kernel_;
  size_t classes_, features_;
  ScoreTransform transform_;
  size_t count_ = 0;
  std::vector<size_t> begins_;  // of each class's support vectors, and their end
  CountedVector<double> vectors_, coefficients_, rho_, prob_a_, prob_b_;
};

// One row of coefficients a class, as liblinear has it.
Decision decide_linearly(const Node& node, size_t classes, Vector features) {
  const auto coefficients = vectors_of(node, "coefficients", classes, features.size());
  const auto rho = numbers_of(node, "rho");
  if (rho.empty()) fail(ErrorCode::kInvalidModel, "'rho' is empty");
  CountedVector<double> scores;
  for (size_t i = 0; i < classes; ++i)
    scores.push_back(rho[0] + dot(features, vector_at(coefficients, i, features.size())));
  const auto label = static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  transform_scores(scores, score_transform(node));
  return {label, scores};
}

ClassLabels labels_of(const Node& node) {
  return {node, "classlabels_ints", "classlabels_strings"};
}

void infer_classifier(InferenceContext& context) {
  infer_classes(context, labels_of(context.node()), Dim());
}

void compute_classifier(KernelContext& context) {
  const Node& node = context.node();
  const ClassLabels labels = labels_of(node);
  const Tensor rows = feature_rows(context.input(0));
  const auto features = static_cast<size_t>(rows.dim(1));
  std::optional<PairwiseClassifier> pairwise;
  if (!node.ints_attribute("vectors_per_class", {}).empty()) pairwise.emplace(node, labels.size(), features);
  CountedVector<size_t> classes;
  CountedVector<double> all;
  for (size_t row = 0; row < static_cast<size_t>(rows.dim(0)); ++row) {
    const Vector example = rows.data<double>().subspan(row * features, features);
    const Decision made =
        pairwise ? pairwise->decide(example) : decide_linearly(node, labels.size(), example);
    classes.push_back(made.label);
    all.insert(all.end(), made.scores.begin(), made.scores.end());
  }
  labels.write(context, classes);
  write_scores(context, 1, all, rows.dim(0));
}

void infer_regressor(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(DataType::kFloat, Shape{row_count(context), 1}));
}

void compute_regressor(KernelContext& context) {
  const Node& node = context.node();
  const Tensor rows = feature_rows(context.input(0));
  const auto features = static_cast<size_t>(rows.dim(1));
  const int64_t supports = node.int_attribute("n_supports", 0);
  if (supports < 0 || supports > (int64_t{1} << 40))
    fail(ErrorCode::kInvalidModel, "'n_supports' is {}", supports);
  // Without support vectors, the coefficients are those of the features.
  const auto count = static_cast<size_t>(supports);
  const Kernel kernel(node);
  const auto vectors = vectors_of(node, "support_vectors", count, count == 0 ? 0 : features);
  const auto coefficients = vectors_of(node, "coefficients", 1, count == 0 ? features : count);
  const auto rho = vectors_of(node, "rho", 1, 1);
  const bool one_class = node.int_attribute("one_class", 0) != 0;
  CountedVector<double> scores;
  for (size_t row = 0; row < static_cast<size_t>(rows.dim(0)); ++row) {
    const Vector example = rows.data<double>().subspan(row * features, features);
    double score = rho[0] + (count == 0 ? dot(example, coefficients) : 0);
    for (size_t i = 0; i < count; ++i)
      score += coefficients[i] * kernel(example, vector_at(vectors, i, features));
    if (one_class) score = score > 0 ? 1 : -1;
    transform_scores(std::span(&score, 1), score_transform(node));
    scores.push_back(score);
  }
  write_scores(context, 0, scores, rows.dim(0));
}

}  // namespace

void register_support_vector_machine(Registry& registry) {
  using Kind = Attribute::Kind;
  constexpr TypeSet kFeatures{DataType::kFloat, DataType::kDouble, DataType::kInt64, DataType::kInt32};
  registry.add({.name = "SVMClassifier",
                .domain = "ai.onnx.ml",
                .inputs = {{"X", "T1"}},
                .outputs = {{"Y", "T2"}, {"Z", "tensor(float)"}},
                .attributes = {{"classlabels_ints", Kind::kInts},
                               {"classlabels_strings", Kind::kStrings},
                               {"coefficients", Kind::kFloats},
                               {"kernel_params", Kind::kFloats},
                               {"kernel_type", Kind::kString},
                               {"post_transform", Kind::kString},
                               {"prob_a", Kind::kFloats},
                               {"prob_b", Kind::kFloats},
                               {"rho", Kind::kFloats},
                               {"support_vectors", Kind::kFloats},
                               {"vectors_per_class", Kind::kInts}},
                .type_constraints = {{"T1", kFeatures}, {"T2", {DataType::kString, DataType::kInt64}}},
                .infer = infer_classifier,
                .compute = compute_classifier});
  registry.add({.name = "SVMRegressor",
                .domain = "ai.onnx.ml",
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "tensor(float)"}},
                .attributes = {{"coefficients", Kind::kFloats},
                               {"kernel_params", Kind::kFloats},
                               {"kernel_type", Kind::kString},
                               {"n_supports", Kind::kInt},
                               {"one_class", Kind::kInt},
                               {"post_transform", Kind::kString},
                               {"rho", Kind::kFloats},
                               {"support_vectors", Kind::kFloats}},
                .type_constraints = {{"T", kFeatures}},
                .infer = infer_regressor,
                .compute = compute_regressor});
}

}  // namespace slipway::ops
