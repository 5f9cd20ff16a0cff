#include "workbench/draw_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graph/graph.hpp"
#include "ops/cast.hpp"
#include "workbench/distribution.hpp"

namespace slipway::workbench {
namespace {

constexpr int64_t kDraws = 1'000'000;
// Of a tensor of probabilities, so many get a frequency each.
constexpr int64_t kMostKinds = 100;

std::vector<double> numbers_of(const Tensor& tensor) {
  const Tensor wide = ops::cast_elements(tensor, DataType::kDouble);
  return {wide.data<double>().begin(), wide.data<double>().end()};
}

// Like `tensor`, its elements from numbers.
Tensor tensor_of(DataType type, Dims dims, const std::vector<double>& numbers) {
  return ops::cast_elements(Tensor::from<double>(std::move(dims), numbers), type);
}

// --- Bernoulli ---

// [rounds, kinds], the same probabilities in every round.
void enlarge_bernoulli(Node&, Tensor& input) {
  const std::vector<double> probabilities = numbers_of(input);
  const auto size = static_cast<int64_t>(probabilities.size());
  if (size == 0) return;
  const int64_t kinds = std::min(size, kMostKinds), rounds = (kDraws + kinds - 1) / kinds;
  std::vector<double> repeated;
  for (int64_t round = 0; round < rounds; ++round)
    for (int64_t kind = 0; kind < kinds; ++kind)
      repeated.push_back(probabilities[static_cast<size_t>(kind * size / kinds)]);
  input = tensor_of(input.type(), {rounds, kinds}, repeated);
}

std::string check_bernoulli(const Node&, const Tensor& input, const Tensor& drawn) {
  const std::vector<double> numbers = numbers_of(drawn), probabilities = numbers_of(input);
  if (drawn.dims() != input.dims())
    return fmt::format("it is {} for probabilities {}", drawn.describe(), input.describe());
  for (size_t i = 0; i < numbers.size(); ++i) {
    const bool possible =
        (numbers[i] == 0 && probabilities[i] < 1) || (numbers[i] == 1 && probabilities[i] > 0);
    if (!possible) return fmt::format("{} came of the probability {}", numbers[i], probabilities[i]);
  }
  return "";
}

std::string check_bernoulli_frequencies(const Node&, const Tensor& input, const Tensor& drawn) {
  if (input.empty()) return "";
  const std::vector<double> numbers = numbers_of(drawn), probabilities = numbers_of(input);
  const auto rounds = static_cast<size_t>(input.dim(0)), kinds = static_cast<size_t>(input.dim(1));
  for (size_t kind = 0; kind < kinds; ++kind) {
    int64_t ones = 0;
    for (size_t round = 0; round < rounds; ++round) ones += numbers[round * kinds + kind] == 1;
    if (!plausible_count(ones, probabilities[kind], input.dim(0)))
      return fmt::format("{} of {} draws with the probability {} are 1", ones, rounds, probabilities[kind]);
  }
  return "";
}

// --- Multinomial ---

void enlarge_multinomial(Node& node, Tensor& input) {
  const std::vector<double> logarithms = numbers_of(input);
  const int64_t rows = std::min(input.dim(0), kMostKinds), classes = input.dim(1);
  if (rows == 0) return;
  input = tensor_of(input.type(), {rows, classes},
                    {logarithms.begin(), logarithms.begin() + static_cast<std::ptrdiff_t>(rows * classes)});
  node.set_attribute("sample_size", (kDraws + rows - 1) / rows);
}

// Of the classes of one row.
std::vector<double> probabilities_of(std::span<const double> logarithms) {
  const double largest = *std::max_element(logarithms.begin(), logarithms.end());
  std::vector<double> probabilities;
  double sum = 0;
  for (const double logarithm : logarithms) {
    probabilities.push_back(std::exp(logarithm - largest));
    sum += probabilities.back();
  }
  for (double& probability : probabilities) probability /= sum;
  return probabilities;
}

std::string check_multinomial(const Node&, const Tensor& input, const Tensor& drawn) {
  if (drawn.rank() != 2 || drawn.dim(0) != input.dim(0))
    return fmt::format("it is {} for probabilities {}", drawn.describe(), input.describe());
  for (const double number : numbers_of(drawn))
    if (!(number >= 0 && number < static_cast<double>(input.dim(1))))
      return fmt::format("{} is none of {} classes", number, input.dim(1));
  return "";
}

std::string check_multinomial_frequencies(const Node&, const Tensor& input, const Tensor& drawn) {
  const std::vector<double> numbers = numbers_of(drawn), logarithms = numbers_of(input);
  const auto classes = static_cast<size_t>(input.dim(1)), samples = static_cast<size_t>(drawn.dim(1));
  for (size_t row = 0; row < static_cast<size_t>(input.dim(0)); ++row) {
    std::vector<int64_t> counts(classes);
    for (size_t i = 0; i < samples; ++i) ++counts[static_cast<size_t>(numbers[row * samples + i])];
    const auto probabilities = probabilities_of(std::span(logarithms).subspan(row * classes, classes));
    for (size_t one = 0; one < classes; ++one)
      if (!plausible_count(counts[one], probabilities[one], drawn.dim(1)))
        return fmt::format("class {} came {} times in {} draws, its probability is {}", one, counts[one],
                           samples, probabilities[one]);
  }
  return "";
}

// --- RandomUniform, RandomNormal ---

void enlarge_shape(Node& node, Tensor&) {
  node.set_attribute("shape", std::vector<int64_t>{kDraws});
}

void enlarge_like(Node&, Tensor& input) {
  Tensor like(input.type(), {kDraws});
  if (input.type() != DataType::kString) std::fill_n(static_cast<char*>(like.raw()), like.bytes(), 0);
  input = std::move(like);
}

// A continuous distribution by where it is and how wide.
struct Continuous {
  double place;
  double width;
  std::function<double(double)> cumulative;
};

Continuous uniform(const Node& node) {
  const double low = node.float_attribute("low", 0), width = node.float_attribute("high", 1) - low;
  return {low, width, [=](double x) { return std::clamp((x - low) / width, 0.0, 1.0); }};
}

Continuous normal(const Node& node) {
  const double mean = node.float_attribute("mean", 0), scale = node.float_attribute("scale", 1);
  return {mean, scale, [=](double x) { return std::erfc((mean - x) / (scale * std::sqrt(2.0))) / 2; }};
}

double rounding_of(DataType type) {
  switch (type) {
    case DataType::kBfloat16:
      return 0x1p-8;
    case DataType::kFloat16:
      return 0x1p-11;
    default:
      return 0x1p-24;
  }
}

std::string check_uniform(const Node& node, const Tensor&, const Tensor& drawn) {
  const double low = node.float_attribute("low", 0), high = node.float_attribute("high", 1);
  const double slack = rounding_of(drawn.type()) * std::max(std::abs(low), std::abs(high));
  for (const double number : numbers_of(drawn))
    if (!(number >= low - slack && number <= high + slack))
      return fmt::format("{} is not between {} and {}", number, low, high);
  return "";
}

std::string check_normal(const Node&, const Tensor&, const Tensor& drawn) {
  for (const double number : numbers_of(drawn))
    if (!std::isfinite(number)) return fmt::format("{} was drawn", number);
  return "";
}

std::string check_continuous(const Continuous& expected, const Tensor& drawn) {
  if (expected.width == 0) return "";
  const std::vector<double> numbers = numbers_of(drawn);
  // Rounding moves numbers, and with them shares of at most this size.
  const double rounding =
      rounding_of(drawn.type()) * (1 + std::abs(expected.place) / std::abs(expected.width));
  const double gap = largest_gap(numbers, expected.cumulative), allowed = plausible_gap(numbers.size());
  if (gap <= allowed + rounding) return "";
  return fmt::format("the distribution of {} draws is off by {:.3g}, at most {:.3g} was expected",
                     numbers.size(), gap, allowed + rounding);
}

template <Continuous (*kDistribution)(const Node&)>
std::string check_continuous_of(const Node& node, const Tensor&, const Tensor& drawn) {
  return check_continuous(kDistribution(node), drawn);
}

constexpr DrawRule kRules[] = {
    {"Bernoulli", enlarge_bernoulli, check_bernoulli, check_bernoulli_frequencies},
    {"Multinomial", enlarge_multinomial, check_multinomial, check_multinomial_frequencies},
    {"RandomNormal", enlarge_shape, check_normal, check_continuous_of<normal>},
    {"RandomNormalLike", enlarge_like, check_normal, check_continuous_of<normal>},
    {"RandomUniform", enlarge_shape, check_uniform, check_continuous_of<uniform>},
    {"RandomUniformLike", enlarge_like, check_uniform, check_continuous_of<uniform>},
};

}  // namespace

const DrawRule* find_draw_rule(const Node& node) {
  const auto found = std::find_if(std::begin(kRules), std::end(kRules),
                                  [&](const DrawRule& rule) { return node.is(rule.op_type); });
  return found == std::end(kRules) ? nullptr : found;
}

}  // namespace slipway::workbench
