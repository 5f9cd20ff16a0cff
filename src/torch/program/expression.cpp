#include "torch/program/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "tensor/polynomial.hpp"

namespace slipway::torch {
namespace {

constexpr int kMostNesting = 32;

using Text = std::optional<std::string>;
using Texts = std::vector<std::string>;

std::string joined(const Texts& parts, std::string_view sign) {
  std::string text = "(";
  for (size_t i = 0; i < parts.size(); ++i) text.append(i > 0 ? sign : "").append(parts[i]);
  return text + ")";
}

// What a function of `arity` arguments (0: one or more) is in signs that a polynomial is read from.
struct Function {
  std::string_view name;
  size_t arity;
  std::string (*write)(const Texts& arguments);
};
constexpr Function kFunctions[] = {
    {"Integer", 1, [](const Texts& a) { return a[0]; }},
    {"Identity", 1, [](const Texts& a) { return a[0]; }},
    {"Rational", 2, [](const Texts& a) { return joined(a, "/"); }},
    {"Add", 0, [](const Texts& a) { return joined(a, " + "); }},
    {"Mul", 0, [](const Texts& a) { return joined(a, "*"); }},
    {"Pow", 2, [](const Texts& a) { return joined(a, "**"); }},
    {"PowByNatural", 2, [](const Texts& a) { return joined(a, "**"); }},
    {"IntTrueDiv", 2, [](const Texts& a) { return joined(a, "/"); }},
    {"FloorDiv", 2, [](const Texts& a) { return joined(a, "//"); }},
    {"CleanDiv", 2, [](const Texts& a) { return joined(a, "//"); }},
    {"CeilDiv", 2, [](const Texts& a) { return "ceil" + joined(a, "/"); }},
    {"floor", 1, [](const Texts& a) { return "floor(" + a[0] + ")"; }},
    {"ceiling", 1, [](const Texts& a) { return "ceil(" + a[0] + ")"; }},
    {"ToFloat", 1, [](const Texts& a) { return a[0]; }},
    {"FloatTrueDiv", 2, [](const Texts& a) { return joined(a, "/"); }},
    {"TruncToInt", 1, [](const Texts& a) { return "trunc(" + a[0] + ")"; }},
    {"FloorToInt", 1, [](const Texts& a) { return "floor(" + a[0] + ")"; }},
    {"CeilToInt", 1, [](const Texts& a) { return "ceil(" + a[0] + ")"; }},
    {"Mod", 2, [](const Texts& a) { return "(" + a[0] + " - " + a[1] + "*(" + a[0] + "//" + a[1] + "))"; }},
    {"PythonMod", 2,
     [](const Texts& a) { return "(" + a[0] + " - " + a[1] + "*(" + a[0] + "//" + a[1] + "))"; }}};

// SymPy's words for numbers that are none of Dim's.
constexpr std::string_view kNoSymbols[] = {"oo", "int_oo", "zoo", "nan", "true", "false", "True", "False"};

// As a fraction, where calculations in double precision with it and sizes are as good as exact ones: whole
// numbers of 1/256, below 2^16. What is rounded of a size below 2^29 is then not what ceil or floor would
// see.
Text fraction_of(double number) {
  constexpr int kParts = 256;
  const double parts = number * kParts;
  if (!(std::fabs(number) < 65536) || std::floor(parts) != parts) return std::nullopt;
  return fmt::format("({}/{})", static_cast<int64_t>(parts), kParts);
}

// Rewrites both forms into one that polynomials are read from; nothing where that is not possible.
class Translator {
 public:
  explicit Translator(std::string_view text) : text_(text) {}

  Text translate() {
    Text all = read_formula();
    return position_ == text_.size() ? all : std::nullopt;
  }

 private:
  // To the next comma or closing parenthesis that is not within it.
  Text read_formula() {
    if (++depth_ > kMostNesting) return std::nullopt;
    while (accept(' ')) continue;
    std::string formula;
    size_t parts = 0;
    for (; position_ < text_.size() && next() != ',' && next() != ')'; ++parts) {
      const Text part = read_part();
      if (!part || formula.size() + part->size() > Polynomial::kMaxText) return std::nullopt;
      formula += *part;
    }
    --depth_;
    if (parts == 0) return std::nullopt;
    return parts == 1 ? formula : "(" + formula + ")";
  }

  Text read_part() {
    if (std::isalpha(static_cast<unsigned char>(next())) || next() == '_') return read_name();
    if (next() == '(') {
      ++position_;
      Text inner = read_formula();
      return accept(')') ? inner : std::nullopt;
    }
    if (!std::isdigit(static_cast<unsigned char>(next())) &&
        std::string_view(" +-*/").find(next()) == std::string_view::npos)
      return std::nullopt;
    return std::string(1, text_[position_++]);
  }

  Text read_name() {
    const size_t begin = position_;
    while (position_ < text_.size() && (std::isalnum(static_cast<unsigned char>(next())) || next() == '_'))
      ++position_;
    const std::string_view name = text_.substr(begin, position_ - begin);
    if (accept('(')) {
      if (name == "Symbol") return read_symbol();
      return name == "Float" ? read_float() : read_call(name);
    }
    if (std::ranges::find(kNoSymbols, name) != std::end(kNoSymbols)) return std::nullopt;
    return std::string(name);
  }

  // 's0', positive=True, integer=True)
  Text read_symbol() {
    const size_t end = text_.find(')', position_);
    if (end == std::string_view::npos || !accept('\'')) return std::nullopt;
    const size_t quote = text_.find('\'', position_);
    if (quote > end || quote == position_) return std::nullopt;
    const std::string_view name = text_.substr(position_, quote - position_);
    position_ = end + 1;
    const auto is_plain = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
    if (!std::ranges::all_of(name, is_plain) || std::isdigit(static_cast<unsigned char>(name[0])))
      return std::nullopt;
    return std::string(name);
  }

  // '-0.5', precision=53)
  Text read_float() {
    const size_t end = text_.find(')', position_);
    if (end == std::string_view::npos || !accept('\'')) return std::nullopt;
    double number = 0;
    const auto [rest, error] = std::from_chars(text_.data() + position_, text_.data() + end, number);
    if (error != std::errc() || *rest != '\'') return std::nullopt;
    position_ = end + 1;
    return fraction_of(number);
  }

  Text read_call(std::string_view name) {
    Texts arguments;
    do {
      Text argument = read_formula();
      if (!argument) return std::nullopt;
      arguments.push_back(std::move(*argument));
    } while (accept(','));
    if (!accept(')')) return std::nullopt;
    for (const Function& function : kFunctions)
      if (function.name == name && (function.arity == 0 || function.arity == arguments.size()))
        return function.write(arguments);
    return std::nullopt;
  }

  bool accept(char character) {
    if (position_ == text_.size() || next() != character) return false;
    ++position_;
    return true;
  }
  char next() const { return text_[position_]; }

  std::string_view text_;
  size_t position_ = 0;
  int depth_ = 0;
};

Dim dim_of(std::string_view text) {
  if (text.size() > Polynomial::kMaxText) return {};
  const Text formula = Translator(text).translate();
  const auto polynomial = formula ? parse_polynomial(*formula) : std::nullopt;
  if (!polynomial) return {};
  if (polynomial->is_constant()) return polynomial->constant() < 0 ? Dim() : Dim(polynomial->constant());
  const Text normal = polynomial->to_text();
  return normal ? Dim::symbol(*normal) : Dim();
}

}  // namespace

const Dim& SympyExpressions::read(const std::string& text) {
  const auto [place, is_new] = known_.try_emplace(text);
  if (is_new) place->second = dim_of(text);
  return place->second;
}

}  // namespace slipway::torch
