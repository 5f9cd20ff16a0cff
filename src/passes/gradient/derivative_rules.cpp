#include "passes/gradient/derivative_rules.hpp"

namespace slipway::passes {

DerivativeRule find_derivative_rule(const Node& node) {
  for (const auto rules : {elementwise_rules(), matrix_rules(), reduction_rules(), movement_rules()})
    for (const NamedRule& one : rules)
      if (node.is(one.op_type)) return one.rule;
  return nullptr;
}

}  // namespace slipway::passes
