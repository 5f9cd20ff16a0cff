// Which sizes a program was exported for.
#pragma once

#include <string>
#include <vector>

#include "tensor/size_condition.hpp"
#include "torch/ir/program.hpp"

namespace slipway::torch::ir {

// The program's ranges and guards as conditions over the names that the sizes of the user's inputs have in
// the program, and that sizes which a squeeze was traced to keep are not 1. Left out: what is always true,
// what is said of numbers that are only known on the way, of strides, which are those of contiguous tensors,
// and unchecked_guards(). Throws kInvalidArgument for one that cannot be met: the
// program was exported for other sizes than were set (input_sizes.hpp).
std::vector<SizeCondition> conditions_on_sizes(const Program& program);

// The guards on sizes of the user's inputs that SizeCondition has no words for (real numbers but for a
// factor), with the program's names: nothing holds later sizes against them.
std::vector<std::string> unchecked_guards(const Program& program);

}  // namespace slipway::torch::ir
