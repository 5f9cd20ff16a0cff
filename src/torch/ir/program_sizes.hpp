// Which sizes a program was exported for.
#pragma once

#include <vector>

#include "tensor/size_condition.hpp"
#include "torch/ir/program.hpp"

namespace slipway::torch::ir {

// The program's ranges and guards as conditions over the names that the sizes of the user's inputs have in
// the program, and that sizes which a squeeze was traced to keep are not 1. Left out: what is always true,
// what is said of numbers that are only known on the way, and guards that SizeCondition has no words for
// (strides, real numbers but for a factor). Throws kInvalidArgument for one that cannot be met: the
// program was exported for other sizes than were set (input_sizes.hpp).
std::vector<SizeCondition> conditions_on_sizes(const Program& program);

}  // namespace slipway::torch::ir
