// Recursive descent over the texts that exporters write for dimensions: "3*h", "h + 1", "floor(h/2 + 1/2)",
// "(s0 - 1)//2 + 1", "s0**2". Inside, values are fractions, so that "h/2 + 1/2" can be read.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>

#include "tensor/polynomial.hpp"

namespace slipway {
namespace {

constexpr int kMaxDepth = 32;

struct Fraction {
  Polynomial numerator;
  int64_t denominator = 1;
};
using Result = std::optional<Fraction>;

Result reduced(std::optional<Polynomial> numerator, int64_t denominator) {
  if (!numerator) return std::nullopt;
  const int64_t shared = common_divisor(*numerator, denominator);
  return Fraction{divide_exactly(*numerator, shared), denominator / shared};
}

Result whole(std::optional<Polynomial> value) {
  return reduced(std::move(value), 1);
}

Result sum(const Fraction& a, const Fraction& b, int64_t sign) {
  const int64_t shared = std::gcd(a.denominator, b.denominator);
  int64_t denominator = 0;
  if (__builtin_mul_overflow(a.denominator, b.denominator / shared, &denominator)) return std::nullopt;
  const auto left = multiply(a.numerator, Polynomial(b.denominator / shared));
  if (!left) return std::nullopt;
  return reduced(add(*left, b.numerator, sign * (a.denominator / shared)), denominator);
}

Result product(const Fraction& a, const Fraction& b) {
  int64_t denominator = 0;
  if (__builtin_mul_overflow(a.denominator, b.denominator, &denominator)) return std::nullopt;
  return reduced(multiply(a.numerator, b.numerator), denominator);
}

// By a positive number, or by what divides evenly ("7*s" by "s").
Result quotient(const Fraction& a, const Fraction& b) {
  const auto numerator = multiply(a.numerator, Polynomial(b.denominator));
  if (!numerator) return std::nullopt;
  if (!b.numerator.is_constant()) return reduced(exact_quotient(*numerator, b.numerator), a.denominator);
  int64_t denominator = 0;
  if (b.numerator.constant() <= 0 ||
      __builtin_mul_overflow(a.denominator, b.numerator.constant(), &denominator))
    return std::nullopt;
  return reduced(numerator, denominator);
}

Result floor_of(const Fraction& a) {
  return whole(floor_quotient(a.numerator, a.denominator));
}

// Towards 0; known for what is not negative, as sizes are and their sums.
Result truncation_of(const Fraction& a) {
  const bool negative =
      std::ranges::any_of(a.numerator.terms(), [](const auto& term) { return term.second < 0; });
  return negative ? std::nullopt : floor_of(a);
}

Result ceiling_of(const Fraction& a) {
  const auto raised = add(a.numerator, Polynomial(a.denominator - 1));
  if (!raised) return std::nullopt;
  return whole(floor_quotient(*raised, a.denominator));
}

Result power(const Fraction& base, const Fraction& exponent) {
  const int64_t times = exponent.numerator.constant();
  const bool number = exponent.denominator == 1 && exponent.numerator.is_constant();
  if (!number || times < 0 || times > static_cast<int64_t>(Polynomial::kMaxDegree)) return std::nullopt;
  Result result = Fraction{Polynomial(1), 1};
  for (int64_t i = 0; i < times && result; ++i) result = product(*result, base);
  return result;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<Polynomial> parse() {
    const Result result = parse_sum();
    skip_spaces();
    if (!result || position_ != text_.size() || result->denominator != 1) return std::nullopt;
    return result->numerator;
  }

 private:
  Result parse_sum() {
    Result left = parse_product();
    while (left) {
      const bool plus = accept("+");
      if (!plus && !accept("-")) break;
      const Result right = parse_product();
      left = right ? sum(*left, *right, plus ? 1 : -1) : std::nullopt;
    }
    return left;
  }

  Result parse_product() {
    Result left = parse_signed();
    while (left) {
      if (accept("//")) {
        const Result right = parse_signed();
        const Result ratio = right ? quotient(*left, *right) : std::nullopt;
        left = ratio ? floor_of(*ratio) : std::nullopt;
      } else if (accept("/")) {
        const Result right = parse_signed();
        left = right ? quotient(*left, *right) : std::nullopt;
      } else if (accept("*")) {
        const Result right = parse_signed();
        left = right ? product(*left, *right) : std::nullopt;
      } else {
        break;
      }
    }
    return left;
  }

  Result parse_signed() {
    bool negative = false;
    while (accept("-")) negative = !negative;
    Result value = parse_power();
    return value && negative ? product(*value, Fraction{Polynomial(-1), 1}) : value;
  }

  Result parse_power() {
    Result base = parse_factor();
    if (!base || !(accept("**") || accept("^"))) return base;
    const Result exponent = parse_factor();
    return exponent ? power(*base, *exponent) : std::nullopt;
  }

  Result parse_factor() {
    skip_spaces();
    if (position_ == text_.size()) return std::nullopt;
    if (accept("(")) return parse_parenthesis();
    if (std::isdigit(next())) return parse_number();
    const std::string_view name = parse_name();
    if (name == "floor" && accept("(")) return apply(floor_of);
    if (name == "trunc" && accept("(")) return apply(truncation_of);
    if ((name == "ceil" || name == "ceiling") && accept("(")) return apply(ceiling_of);
    if (name.empty()) return std::nullopt;
    return Fraction{Polynomial::symbol(std::string(name)), 1};
  }

  // What stands after an opening parenthesis, to the closing one.
  Result parse_parenthesis() {
    if (++depth_ > kMaxDepth) return std::nullopt;
    Result inner = parse_sum();
    --depth_;
    return accept(")") ? inner : std::nullopt;
  }

  Result apply(Result (*function)(const Fraction&)) {
    const Result inner = parse_parenthesis();
    return inner ? function(*inner) : std::nullopt;
  }

  Result parse_number() {
    int64_t number = 0;
    const char* begin = text_.data() + position_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), number);
    if (error != std::errc()) return std::nullopt;
    position_ += static_cast<size_t>(end - begin);
    return Fraction{Polynomial(number), 1};
  }

  // A letter or underscore, then also digits and what exporters use in names: '.', ':', '$', '%'.
  std::string_view parse_name() {
    const size_t begin = position_;
    while (position_ < text_.size() && is_name_character(next(), position_ == begin)) ++position_;
    return text_.substr(begin, position_ - begin);
  }

  static bool is_name_character(unsigned char character, bool first) {
    if (std::isalpha(character) || character == '_') return true;
    return !first && (std::isdigit(character) ||
                      std::string_view(".:$%").find(static_cast<char>(character)) != std::string_view::npos);
  }

  // Takes the operator if it is next; "*" and "/" do not take the first half of "**" and "//".
  bool accept(std::string_view token) {
    skip_spaces();
    if (text_.substr(position_, token.size()) != token) return false;
    const size_t after = position_ + token.size();
    if ((token == "*" || token == "/") && after < text_.size() && text_[after] == token[0]) return false;
    position_ = after;
    return true;
  }

  void skip_spaces() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
  }
  unsigned char next() const { return static_cast<unsigned char>(text_[position_]); }

  std::string_view text_;
  size_t position_ = 0;
  int depth_ = 0;
};

}  // namespace

std::optional<Polynomial> parse_polynomial(std::string_view text) {
  if (text.size() > Polynomial::kMaxText) return std::nullopt;
  return Parser(text).parse();
}

}  // namespace slipway
