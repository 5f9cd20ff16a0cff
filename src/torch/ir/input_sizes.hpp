// Names and numbers for the sizes that a program leaves open.
#pragma once

#include <string>
#include <string_view>

#include "torch/ir/program.hpp"

namespace slipway::torch::ir {

// "3" and "2*4" as numbers, all else as a symbol or an expression over symbols.
Dim size_of_text(std::string text);

// The user's input `name` has these sizes: a name renames the symbol that the program has at this axis,
// everywhere; a number takes the symbol's place everywhere. Where the program has "8*s0", it is "8*h" or a
// multiple of 8. An axis that is a number in the program can only have this number: what the program computes
// was decided for it. Throws kInvalidArgument naming input, axis, what came and what was expected: for
// another rank, an axis that the program fixed, a number outside of the range, one name for two symbols.
void set_input_sizes(Program& program, std::string_view name, const Shape& sizes);

}  // namespace slipway::torch::ir
