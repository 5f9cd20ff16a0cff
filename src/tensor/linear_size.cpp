#include "tensor/linear_size.hpp"

#include <fmt/format.h>

#include "tensor/polynomial.hpp"

namespace slipway {

std::optional<int64_t> LinearSize::solve(int64_t size) const {
  int64_t rest = 0;
  if (__builtin_sub_overflow(size, offset, &rest) || rest < 0 || rest % factor != 0) return std::nullopt;
  return rest / factor;
}

std::string LinearSize::sizes() const {
  if (factor == 1) return offset == 0 ? "any size" : fmt::format("{} and more", offset);
  return offset == 0 ? fmt::format("a multiple of {}", factor)
                     : fmt::format("{} and more in steps of {}", offset, factor);
}

std::optional<LinearSize> as_linear(const Dim& dim) {
  if (!dim.is_symbolic()) return std::nullopt;
  const auto polynomial = parse_polynomial(dim.text());
  if (!polynomial) return std::nullopt;
  LinearSize linear;
  for (const auto& [monomial, coefficient] : polynomial->terms()) {
    if (monomial.empty()) {
      linear.offset = coefficient;
      continue;
    }
    if (!linear.name.empty() || monomial.size() > 1 || monomial[0]->numerator || coefficient < 1)
      return std::nullopt;
    linear.name = monomial[0]->text;
    linear.factor = coefficient;
  }
  if (linear.name.empty()) return std::nullopt;
  return linear;
}

}  // namespace slipway
