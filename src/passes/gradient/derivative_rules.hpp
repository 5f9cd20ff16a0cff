// The tables of rules by family.
#pragma once

#include <span>
#include <string_view>

#include "passes/gradient/derivative.hpp"

namespace slipway::passes {

struct NamedRule {
  std::string_view op_type;
  DerivativeRule rule;
};

std::span<const NamedRule> elementwise_rules();
std::span<const NamedRule> matrix_rules();
std::span<const NamedRule> reduction_rules();
std::span<const NamedRule> movement_rules();

}  // namespace slipway::passes
