// The schema of an operator as a library writes it: "data: T; scale: float?; rest: T...".
#pragma once

#include <vector>

#include "ops/operator.hpp"
#include "slipway/custom_op.h"

namespace slipway::custom {

struct Schema {
  std::vector<ops::Parameter> inputs;
  std::vector<ops::Parameter> outputs;
  std::vector<ops::AttributeSpec> attributes;
  std::vector<ops::TypeConstraint> type_constraints;  // element types that stand for themselves, too
};

// The names in it point into the operator's texts. Throws kInvalidArgument quoting what cannot be read.
Schema parse_schema(const slipway_op& op);

}  // namespace slipway::custom
