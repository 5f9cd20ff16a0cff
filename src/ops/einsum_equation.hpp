// The equation of Einsum, as letters: what each axis of each operand and of the result is called.
#pragma once

#include <string>
#include <vector>

namespace slipway::ops {

// One letter an axis. The axes that an ellipsis stands for have no letters but numbers of their own: the last
// of them is kLastEllipsisAxis, the one before that kLastEllipsisAxis - 1, and so on.
using Term = std::vector<int>;
inline constexpr int kLastEllipsisAxis = -1;

struct EinsumEquation {
  std::vector<Term> operands;
  Term result;
};

// `ranks` are the operands'. Without "->", the result has the ellipsis' axes and then, in alphabetical order,
// the letters that occur once. Throws kInvalidModel for what is no equation, or not one for operands of these
// ranks.
EinsumEquation parse_equation(std::string equation, const std::vector<size_t>& ranks);

}  // namespace slipway::ops
