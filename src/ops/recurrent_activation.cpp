#include "ops/recurrent_activation.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace slipway::ops {
namespace {

struct Named {
  const char* name;
  int parameters;  // 1: alpha, 2: beta too
  RecurrentActivation with_defaults;
};

constexpr Named kActivations[] = {
    {"affine", 2, {[](double x, double alpha, double beta) { return alpha * x + beta; }, 1, 0}},
    {"elu", 1, {[](double x, double alpha, double) { return x >= 0 ? x : alpha * std::expm1(x); }, 1, 0}},
    {"hardsigmoid",
     2,
     {[](double x, double alpha, double beta) { return std::min(std::max(alpha * x + beta, 0.0), 1.0); },
      0.2f, 0.5f}},
    {"leakyrelu", 1, {[](double x, double alpha, double) { return x >= 0 ? x : alpha * x; }, 0.01f, 0}},
    {"relu", 0, {[](double x, double, double) { return x > 0 ? x : 0 * x; }, 0, 0}},
    {"scaledtanh",
     2,
     {[](double x, double alpha, double beta) { return alpha * std::tanh(beta * x); }, 1, 1}},
    {"sigmoid", 0, {[](double x, double, double) { return 1 / (1 + std::exp(-x)); }, 0, 0}},
    {"softplus",
     0,
     {[](double x, double, double) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }, 0, 0}},
    {"softsign", 0, {[](double x, double, double) { return x / (1 + std::abs(x)); }, 0, 0}},
    {"tanh", 0, {[](double x, double, double) { return std::tanh(x); }, 0, 0}},
    {"thresholdedrelu", 1, {[](double x, double alpha, double) { return x >= alpha ? x : 0; }, 1, 0}},
};

const Named& find_activation(std::string name) {
  std::string lower = name;
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const Named& one : kActivations)
    if (lower == one.name) return one;
  fail(ErrorCode::kInvalidModel, "'{}' in attribute activations is no activation function", name);
}

std::vector<std::string> names_of(const Node& node, std::vector<std::string> defaults, size_t directions) {
  const size_t needed = defaults.size() * directions;
  std::vector<std::string> names;
  if (const Attribute* attribute = node.find_attribute("activations")) {
    if (const auto* stated = attribute->as<std::vector<std::string>>()) names = *stated;
    if (names.size() < needed)
      fail(ErrorCode::kInvalidModel, "attribute activations has {} entries, but {} are expected",
           names.size(), needed);
  }
  while (names.size() < needed) names.insert(names.end(), defaults.begin(), defaults.end());
  names.resize(needed);
  return names;
}

}  // namespace

std::vector<RecurrentActivation> recurrent_activations(const Node& node, std::vector<std::string> defaults,
                                                       size_t directions) {
  const auto alphas = node.floats_attribute("activation_alpha", {});
  const auto betas = node.floats_attribute("activation_beta", {});
  size_t next_alpha = 0, next_beta = 0;
  std::vector<RecurrentActivation> activations;
  for (const std::string& name : names_of(node, std::move(defaults), directions)) {
    const Named& named = find_activation(name);
    RecurrentActivation activation = named.with_defaults;
    if (named.parameters >= 1 && next_alpha < alphas.size())
      activation.alpha = static_cast<double>(alphas[next_alpha++]);
    if (named.parameters >= 2 && next_beta < betas.size())
      activation.beta = static_cast<double>(betas[next_beta++]);
    activations.push_back(activation);
  }
  return activations;
}

}  // namespace slipway::ops
