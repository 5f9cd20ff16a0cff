#include "workbench/compare/known_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops/cast.hpp"

namespace slipway::workbench {
namespace {

constexpr int64_t kSamples = 64;

// Empty for what is not looked for: no tensor of numbers, or all samples alike.
std::vector<double> samples_of(const RuntimeValue& value) {
  if (!value.is_tensor()) return {};
  const Tensor& tensor = value.tensor();
  const bool numbers = is_floating_point(tensor.type()) || is_integer(tensor.type());
  if (!numbers || bits_of(tensor.type()) < 8 || !tensor.is_contiguous()) return {};
  const int64_t count = std::min(tensor.count(), kSamples);
  const auto size = static_cast<size_t>(bits_of(tensor.type())) / 8;
  Tensor picked(tensor.type(), {count});
  for (int64_t i = 0; i < count; ++i) {
    // The middle of each of `count` parts; element by element where there are no more.
    const int64_t index = tensor.count() / count * i + tensor.count() / count / 2;
    std::memcpy(static_cast<std::byte*>(picked.raw()) + static_cast<size_t>(i) * size,
                static_cast<const std::byte*>(tensor.raw()) + static_cast<size_t>(index) * size, size);
  }
  const Tensor exact = ops::cast_elements(picked, DataType::kDouble);
  const auto elements = exact.data<double>();
  const bool alike =
      std::all_of(elements.begin(), elements.end(), [&](double element) { return element == elements[0]; });
  return alike ? std::vector<double>{} : std::vector<double>(elements.begin(), elements.end());
}

// Do all samples lie within the bound? NaN and infinities are left to measure().
bool may_agree(const std::vector<double>& known, const std::vector<double>& samples, double bound) {
  for (size_t i = 0; i < samples.size(); ++i)
    if (std::isfinite(known[i]) && std::isfinite(samples[i]) && std::abs(known[i] - samples[i]) > bound)
      return false;
  return true;
}

double largest_of(const RuntimeValue& value) {
  return measure(value, value, {}).scale;
}

}  // namespace

void KnownValues::look_at_all() {
  for (const Value* value : activations_.values()) {
    const RuntimeValue made = activations_.at(*value);
    std::vector<double> samples = samples_of(made);
    if (!samples.empty())
      known_[made.tensor().dims()].push_back({value, made.tensor().type(), std::move(samples)});
  }
  complete_ = true;
}

std::vector<const Value*> KnownValues::find(const RuntimeValue& value, const std::string& op_type) {
  const std::vector<double> samples = samples_of(value);
  if (samples.empty()) return {};
  if (!complete_) look_at_all();
  const auto alike = known_.find(value.tensor().dims());
  if (alike == known_.end()) return {};
  const double largest = largest_of(value), own = default_relative(value.tensor().type());
  std::vector<const Value*> found;
  for (const Known& known : alike->second) {
    // Twice what measure() grants, which decides; the largest value may be a little larger in A.
    const double relative = tolerance_.relative.value_or(std::max(own, default_relative(known.type)));
    if (!may_agree(known.samples, samples, 2 * (tolerance_.absolute + relative * largest))) continue;
    if (!measure(activations_.at(*known.value), value, tolerance_).exceeds) found.push_back(known.value);
  }
  std::stable_partition(found.begin(), found.end(),
                        [&](const Value* one) { return one->producer()->op_type() == op_type; });
  return found;
}

}  // namespace slipway::workbench
