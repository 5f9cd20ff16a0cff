#include "tensor/size_condition.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

namespace slipway {
namespace {

bool begins_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
}
bool continues_name(char c) {
  return begins_name(c) || std::isdigit(static_cast<unsigned char>(c));
}

// The quotient rounded down, and what it leaves, which has the divisor's sign.
std::optional<int64_t> divide(int64_t a, int64_t b, bool remainder) {
  if (b == 0 || (a == INT64_MIN && b == -1)) return std::nullopt;
  const bool inexact = a % b != 0 && (a < 0) != (b < 0);
  return remainder ? a % b + (inexact ? b : 0) : a / b - (inexact ? 1 : 0);
}

std::optional<int64_t> scale(int64_t size, double factor) {
  const double scaled = std::trunc(factor * static_cast<double>(size));
  if (!(std::abs(scaled) < 0x1p63)) return std::nullopt;
  return static_cast<int64_t>(scaled);
}

}  // namespace

bool is_size_name(std::string_view text) {
  return !text.empty() && begins_name(text[0]) && std::ranges::all_of(text, continues_name);
}

// Recursive descent; every function appends to the expression that it is given and says whether it could.
class SizeConditionParser {
 public:
  explicit SizeConditionParser(std::string_view text) : text_(text) {}

  std::optional<SizeCondition> parse() {
    if (text_.size() > SizeCondition::kMaxText) return std::nullopt;
    condition_.text_ = text_;
    do {
      auto& all = condition_.alternatives_.emplace_back();
      do {
        if (!parse_chain(all.emplace_back())) return std::nullopt;
      } while (accept("and "));
    } while (accept("or "));
    if (!at_end()) return std::nullopt;
    return std::move(condition_);
  }

 private:
  using Chain = SizeCondition::Chain;
  using Comparison = SizeCondition::Comparison;
  using Expression = SizeCondition::Expression;
  using Operation = SizeCondition::Operation;
  static constexpr int kMaxDepth = 32;

  bool parse_chain(Chain& chain) {
    if (!parse_sum(chain.sides.emplace_back())) return false;
    while (const auto comparison = parse_comparison()) {
      chain.comparisons.push_back(*comparison);
      if (!parse_sum(chain.sides.emplace_back())) return false;
    }
    return !chain.comparisons.empty();
  }

  std::optional<Comparison> parse_comparison() {
    constexpr std::pair<std::string_view, Comparison> kSigns[] = {
        {"==", Comparison::kEqual},          {"!=", Comparison::kUnequal}, {"<=", Comparison::kLessOrEqual},
        {">=", Comparison::kGreaterOrEqual}, {"<", Comparison::kLess},     {">", Comparison::kGreater}};
    for (const auto& [sign, comparison] : kSigns)
      if (accept(sign)) return comparison;
    return std::nullopt;
  }

  bool parse_sum(Expression& made) {
    if (!parse_product(made)) return false;
    while (true) {
      const bool plus = accept("+");
      if (!plus && !accept("-")) return true;
      if (!parse_product(made)) return false;
      made.push_back({plus ? Operation::kAdd : Operation::kSubtract});
    }
  }

  bool parse_product(Expression& made) {
    if (!parse_signed(made)) return false;
    while (true) {
      const Operation operation = accept("//")  ? Operation::kDivide
                                  : accept("%") ? Operation::kRemainder
                                  : accept("*") ? Operation::kMultiply
                                                : Operation::kNumber;
      if (operation == Operation::kNumber) return true;
      if (!parse_signed(made)) return false;
      made.push_back({operation});
    }
  }

  bool parse_signed(Expression& made) {
    const bool negative = accept("-");
    if (negative) made.push_back({Operation::kNumber, 0});
    if (!parse_factor(made)) return false;
    if (negative) made.push_back({Operation::kSubtract});
    return true;
  }

  bool parse_factor(Expression& made) {
    if (at_end()) return false;
    if (accept("(")) return parse_nested(made) && accept(")");
    if (accept("math.trunc(")) return parse_scaled(made) && accept(")");
    if (std::isdigit(static_cast<unsigned char>(text_[position_]))) return parse_number(made);
    const std::string_view name = parse_name();
    if (name.empty()) return false;
    if (!accept("(")) return add_name(name, made);
    if (name != "max" && name != "min") return false;
    return parse_extremum(name == "max" ? Operation::kMaximum : Operation::kMinimum, made);
  }

  bool parse_nested(Expression& made) {
    if (++depth_ > kMaxDepth) return false;
    const bool read = parse_sum(made);
    --depth_;
    return read;
  }

  bool parse_extremum(Operation operation, Expression& made) {
    if (!parse_nested(made)) return false;
    while (accept(",")) {
      if (!parse_nested(made)) return false;
      made.push_back({operation});
    }
    return accept(")");
  }

  bool parse_scaled(Expression& made) {
    const auto factor = take_number<double>();
    if (!factor || !accept("*") || !accept("torch.sym_float(") || !parse_nested(made)) return false;
    made.push_back({Operation::kScale, 0, *factor});
    return accept(")");
  }

  bool parse_number(Expression& made) {
    const auto number = take_number<int64_t>();
    if (!number) return false;
    made.push_back({Operation::kNumber, *number});
    return position_ == text_.size() || !continues_name(text_[position_]);
  }

  template <typename T>
  std::optional<T> take_number() {
    T number = 0;
    const char* end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data() + position_, end, number);
    if (error != std::errc()) return std::nullopt;
    position_ = static_cast<size_t>(stop - text_.data());
    return number;
  }

  std::string_view parse_name() {
    const size_t begin = position_;
    if (begins_name(text_[position_]))
      while (position_ < text_.size() && continues_name(text_[position_])) ++position_;
    return text_.substr(begin, position_ - begin);
  }

  bool add_name(std::string_view name, Expression& made) {
    auto& names = condition_.names_;
    const auto found = std::ranges::find(names, name);
    made.push_back({Operation::kName, found - names.begin()});
    if (found == names.end()) names.emplace_back(name);
    return true;
  }

  bool accept(std::string_view sign) {
    if (at_end() || !text_.substr(position_).starts_with(sign)) return false;
    position_ += sign.size();
    return true;
  }
  bool at_end() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
    return position_ == text_.size();
  }

  std::string_view text_;
  size_t position_ = 0;
  int depth_ = 0;
  SizeCondition condition_;
};

std::optional<SizeCondition> SizeCondition::parse(std::string_view text) {
  return SizeConditionParser(text).parse();
}

std::optional<int64_t> SizeCondition::compute(Operation operation, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflows = false;
  switch (operation) {
    case Operation::kAdd:
      overflows = __builtin_add_overflow(a, b, &result);
      break;
    case Operation::kSubtract:
      overflows = __builtin_sub_overflow(a, b, &result);
      break;
    case Operation::kMultiply:
      overflows = __builtin_mul_overflow(a, b, &result);
      break;
    case Operation::kMaximum:
      return std::max(a, b);
    case Operation::kMinimum:
      return std::min(a, b);
    case Operation::kDivide:
      return divide(a, b, false);
    case Operation::kRemainder:
      return divide(a, b, true);
    case Operation::kNumber:
    case Operation::kName:
    case Operation::kScale:
      break;
  }
  if (overflows) return std::nullopt;
  return result;
}

std::optional<int64_t> SizeCondition::evaluate(const Expression& expression, std::span<const int64_t> sizes) {
  std::vector<int64_t> values;
  const auto take = [&] {
    const int64_t last = values.back();
    values.pop_back();
    return last;
  };
  for (const auto& [operation, operand, factor] : expression) {
    std::optional<int64_t> result;
    if (operation == Operation::kNumber) {
      result = operand;
    } else if (operation == Operation::kName) {
      result = sizes[static_cast<size_t>(operand)];
    } else if (operation == Operation::kScale) {
      result = scale(take(), factor);
    } else {
      const int64_t b = take(), a = take();
      result = compute(operation, a, b);
    }
    if (!result) return std::nullopt;
    values.push_back(*result);
  }
  return values.back();
}

bool SizeCondition::compare(Comparison comparison, int64_t a, int64_t b) {
  switch (comparison) {
    case Comparison::kEqual:
      return a == b;
    case Comparison::kUnequal:
      return a != b;
    case Comparison::kLess:
      return a < b;
    case Comparison::kLessOrEqual:
      return a <= b;
    case Comparison::kGreater:
      return a > b;
    case Comparison::kGreaterOrEqual:
      return a >= b;
  }
  return false;
}

bool SizeCondition::Chain::holds(std::span<const int64_t> sizes) const {
  std::optional<int64_t> left = evaluate(sides[0], sizes);
  for (size_t i = 0; i < comparisons.size(); ++i) {
    const std::optional<int64_t> right = evaluate(sides[i + 1], sizes);
    if (!left || !right || !compare(comparisons[i], *left, *right)) return false;
    left = right;
  }
  return true;
}

bool SizeCondition::holds(std::span<const int64_t> sizes) const {
  return std::ranges::any_of(alternatives_, [&](const std::vector<Chain>& all) {
    return std::ranges::all_of(all, [&](const Chain& chain) { return chain.holds(sizes); });
  });
}

}  // namespace slipway
