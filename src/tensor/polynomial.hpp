// Polynomials with integer coefficients: what symbolic dimensions are inside. Their variables ("atoms") are
// symbols and floors of quotients; the floors are kept in one normal form, so that equal expressions look
// equal. Whatever overflows or grows past the limits below is nullopt: a file's text cannot make us work
// hard.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

class Polynomial;

// A symbol, or floor(numerator/divisor) when there is a numerator. `text` tells atoms apart.
struct Atom {
  std::string text;
  std::shared_ptr<const Polynomial> numerator;
  int64_t divisor = 1;
};

// Product of atoms in the order of their texts, each as often as its power; the empty one is 1.
using Monomial = std::vector<std::shared_ptr<const Atom>>;

// Higher degrees first, then by texts: the order of printing.
struct MonomialOrder {
  bool operator()(const Monomial& a, const Monomial& b) const;
};

class Polynomial {
 public:
  static constexpr size_t kMaxTerms = 64;
  static constexpr size_t kMaxDegree = 8;
  static constexpr size_t kMaxText = 4096;

  Polynomial() = default;  // 0
  explicit Polynomial(int64_t constant);
  static Polynomial symbol(std::string name);

  // Coefficients other than 0.
  const std::map<Monomial, int64_t, MonomialOrder>& terms() const { return terms_; }
  bool is_constant() const;
  int64_t constant() const;  // the term without atoms
  // "3*h + 1"; nullopt when longer than kMaxText.
  std::optional<std::string> to_text() const;

  friend bool operator==(const Polynomial& a, const Polynomial& b);

 private:
  friend class PolynomialSum;
  std::map<Monomial, int64_t, MonomialOrder> terms_;
};

// a + factor·b
std::optional<Polynomial> add(const Polynomial& a, const Polynomial& b, int64_t factor = 1);
std::optional<Polynomial> multiply(const Polynomial& a, const Polynomial& b);
// floor(a/divisor), divisor > 0, brought into normal form: whole multiples stand outside, coefficients inside
// are below the divisor and share no factor with it, a floor within a floor is one floor.
std::optional<Polynomial> floor_quotient(const Polynomial& a, int64_t divisor);
// Greatest common divisor of all coefficients and `with`.
int64_t common_divisor(const Polynomial& a, int64_t with);
// Every coefficient divided by a divisor of all.
Polynomial divide_exactly(const Polynomial& a, int64_t divisor);
// The q with a = q·b, b not 0; nullopt where there is none of whole coefficients. Long division by leading
// terms.
std::optional<Polynomial> exact_quotient(const Polynomial& a, const Polynomial& b);
// Symbols replaced by numbers, inside floors too.
std::optional<Polynomial> substitute(const Polynomial& a,
                                     const std::map<std::string, int64_t, std::less<>>& symbols);

// Reads sums, products, powers, quotients, floor(), ceil(), trunc() and //; nullopt when the text is
// something else, too long, or nested deeper than a limit.
std::optional<Polynomial> parse_polynomial(std::string_view text);

}  // namespace slipway
