#include "ops/einsum_equation.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"

namespace slipway::ops {
namespace {

constexpr std::string_view kEllipsis = "...";

[[noreturn]] void fail_equation(const std::string& equation, const std::string& reason) {
  fail(ErrorCode::kInvalidModel, "the equation '{}': {}", equation, reason);
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The axes of one term, of which an ellipsis stands for `ellipsis_rank`.
Term parse_term(std::string_view text, size_t ellipsis_rank, const std::string& equation) {
  Term term;
  bool has_ellipsis = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_letter(text[i])) {
      term.push_back(text[i]);
    } else if (text.substr(i).starts_with(kEllipsis) && !has_ellipsis) {
      has_ellipsis = true;
      for (size_t axis = ellipsis_rank; axis > 0; --axis)
        term.push_back(kLastEllipsisAxis + 1 - static_cast<int>(axis));
      i += kEllipsis.size() - 1;
    } else {
      fail_equation(equation, fmt::format("'{}' is no list of letters with at most one ellipsis", text));
    }
  }
  return term;
}

std::vector<std::string_view> split_terms(std::string_view text) {
  std::vector<std::string_view> terms;
  for (;;) {
    const size_t comma = text.find(',');
    terms.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return terms;
    text.remove_prefix(comma + 1);
  }
}

// How many axes the ellipsis of an operand stands for; 0 without one.
size_t ellipsis_rank_of(std::string_view text, size_t rank, const std::string& equation) {
  const bool has_ellipsis = text.find(kEllipsis) != std::string_view::npos;
  const auto letters = static_cast<size_t>(std::count_if(text.begin(), text.end(), is_letter));
  if (has_ellipsis ? letters > rank : letters != rank)
    fail_equation(equation, fmt::format("'{}' does not name the axes of a tensor of rank {}", text, rank));
  return rank - letters;
}

Term implicit_result(const std::vector<Term>& operands) {
  std::map<int, int> uses;  // sorted: the ellipsis' axes first, then the alphabet
  for (const Term& operand : operands)
    for (int axis : operand) ++uses[axis];
  Term result;
  for (const auto& [axis, count] : uses)
    if (axis < 0 || count == 1) result.push_back(axis);
  return result;
}

void check_result(const EinsumEquation& parsed, const std::string& equation) {
  Term sorted = parsed.result;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    fail_equation(equation, "the result names an axis twice");
  for (int axis : sorted)
    if (std::none_of(parsed.operands.begin(), parsed.operands.end(), [axis](const Term& operand) {
          return std::find(operand.begin(), operand.end(), axis) != operand.end();
        }))
      fail_equation(equation, "the result names an axis that no operand has");
}

}  // namespace

EinsumEquation parse_equation(std::string equation, const std::vector<size_t>& ranks) {
  std::erase(equation, ' ');
  const size_t arrow = equation.find("->");
  const auto terms = split_terms(std::string_view(equation).substr(0, arrow));
  if (terms.size() != ranks.size())
    fail_equation(equation,
                  fmt::format("it has {} operands, but {} inputs were given", terms.size(), ranks.size()));
  EinsumEquation parsed;
  size_t widest = 0;
  for (size_t i = 0; i < terms.size(); ++i) {
    const size_t ellipsis_rank = ellipsis_rank_of(terms[i], ranks[i], equation);
    widest = std::max(widest, ellipsis_rank);
    parsed.operands.push_back(parse_term(terms[i], ellipsis_rank, equation));
  }
  parsed.result = arrow == std::string::npos
                      ? implicit_result(parsed.operands)
                      : parse_term(std::string_view(equation).substr(arrow + 2), widest, equation);
  check_result(parsed, equation);
  return parsed;
}

}  // namespace slipway::ops
