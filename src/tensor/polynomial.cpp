#include "tensor/polynomial.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>

namespace slipway {

bool MonomialOrder::operator()(const Monomial& a, const Monomial& b) const {
  if (a.size() != b.size()) return a.size() > b.size();
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](const auto& x, const auto& y) { return x->text < y->text; });
}

// Adds terms up, remembering whether everything fitted.
class PolynomialSum {
 public:
  void add(const Monomial& monomial, int64_t coefficient) {
    if (coefficient == 0) return;
    const auto position = sum_.terms_.try_emplace(monomial, 0).first;
    if (__builtin_add_overflow(position->second, coefficient, &position->second)) fits_ = false;
    if (position->second == 0) sum_.terms_.erase(position);
    if (sum_.terms_.size() > Polynomial::kMaxTerms || monomial.size() > Polynomial::kMaxDegree) fits_ = false;
  }

  void add(const Monomial& monomial, int64_t a, int64_t b) {
    int64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) fits_ = false;
    if (fits_) add(monomial, product);
  }

  bool fits() const { return fits_; }
  std::optional<Polynomial> result() {
    if (!fits_) return std::nullopt;
    return std::move(sum_);
  }

 private:
  Polynomial sum_;
  bool fits_ = true;
};

namespace {

bool by_text(const std::shared_ptr<const Atom>& a, const std::shared_ptr<const Atom>& b) {
  return a->text < b->text;
}

Polynomial variable(std::shared_ptr<const Atom> atom) {
  PolynomialSum sum;
  sum.add(Monomial{std::move(atom)}, 1);
  return *sum.result();
}

std::string product_text(const Monomial& monomial, int64_t coefficient) {
  std::string text;
  if (coefficient == -1 && !monomial.empty())
    text = "-";
  else if (coefficient != 1 || monomial.empty())
    text = std::to_string(coefficient) + (monomial.empty() ? "" : "*");
  for (size_t i = 0; i < monomial.size() && text.size() <= Polynomial::kMaxText; ++i)
    text.append(i > 0 ? "*" : "").append(monomial[i]->text);
  return text;
}

int64_t floor_division(int64_t a, int64_t divisor) {
  return a / divisor - (a % divisor < 0 ? 1 : 0);
}

bool divides(int64_t divisor, int64_t number) {
  // The least number has no counterpart above 0.
  return (divisor != -1 || number != std::numeric_limits<int64_t>::min()) && number % divisor == 0;
}

// The floor that `rest` names when it is one floor and a constant.
const Atom* single_floor(const Polynomial& rest) {
  const auto& [monomial, coefficient] = *rest.terms().begin();
  const bool alone = rest.terms().size() == (rest.constant() == 0 ? 1 : 2);
  return alone && coefficient == 1 && monomial.size() == 1 && monomial[0]->numerator ? monomial[0].get()
                                                                                     : nullptr;
}

// floor((floor(n/e) + c)/d) = floor((n + c·e)/(e·d))
std::optional<Polynomial> merge_floors(const Atom& inner, int64_t constant, int64_t divisor) {
  int64_t product = 0;
  if (__builtin_mul_overflow(inner.divisor, divisor, &product)) return std::nullopt;
  const auto numerator = add(*inner.numerator, Polynomial(inner.divisor), constant);
  return numerator ? floor_quotient(*numerator, product) : std::nullopt;
}

// A floor whose coefficients are within [0, divisor) and that is not constant.
std::optional<Polynomial> floor_of_rest(const Polynomial& rest, int64_t divisor) {
  int64_t shared = divisor;
  for (const auto& [monomial, coefficient] : rest.terms())
    if (!monomial.empty()) shared = std::gcd(shared, coefficient);
  PolynomialSum reduced;
  for (const auto& [monomial, coefficient] : rest.terms()) reduced.add(monomial, coefficient / shared);
  auto numerator = *reduced.result();
  divisor /= shared;
  if (const Atom* inner = single_floor(numerator)) return merge_floors(*inner, numerator.constant(), divisor);

  auto text = numerator.to_text();
  if (!text) return std::nullopt;
  const bool sum = numerator.terms().size() > 1;
  Atom atom;
  atom.text = "floor(" + (sum ? "(" + *text + ")" : *text) + "/" + std::to_string(divisor) + ")";
  atom.numerator = std::make_shared<const Polynomial>(std::move(numerator));
  atom.divisor = divisor;
  return variable(std::make_shared<const Atom>(std::move(atom)));
}

std::optional<Polynomial> substituted_term(const Monomial& monomial, int64_t coefficient,
                                           const std::map<std::string, int64_t, std::less<>>& symbols) {
  std::optional<Polynomial> product = Polynomial(coefficient);
  for (const auto& atom : monomial) {
    std::optional<Polynomial> value;
    if (atom->numerator) {
      const auto numerator = substitute(*atom->numerator, symbols);
      value = numerator ? floor_quotient(*numerator, atom->divisor) : std::nullopt;
    } else {
      const auto found = symbols.find(atom->text);
      value = found == symbols.end() ? variable(atom) : Polynomial(found->second);
    }
    if (!value || !product) return std::nullopt;
    product = multiply(*product, *value);
  }
  return product;
}

}  // namespace

Polynomial::Polynomial(int64_t constant) {
  if (constant != 0) terms_.emplace(Monomial(), constant);
}

Polynomial Polynomial::symbol(std::string name) {
  return variable(std::make_shared<const Atom>(Atom{std::move(name), nullptr, 1}));
}

bool Polynomial::is_constant() const {
  return terms_.empty() || (terms_.size() == 1 && terms_.begin()->first.empty());
}

int64_t Polynomial::constant() const {
  const auto found = terms_.find(Monomial());
  return found == terms_.end() ? 0 : found->second;
}

std::optional<std::string> Polynomial::to_text() const {
  std::string text;
  for (const auto& [monomial, coefficient] : terms_) {
    const std::string product = product_text(monomial, coefficient);
    if (text.empty())
      text = product;
    else if (product[0] == '-' && coefficient < 0)
      text.append(" - ").append(product, 1);
    else
      text.append(" + ").append(product);
    if (text.size() > kMaxText) return std::nullopt;
  }
  return text.empty() ? "0" : text;
}

bool operator==(const Polynomial& a, const Polynomial& b) {
  const MonomialOrder less;
  return std::equal(a.terms_.begin(), a.terms_.end(), b.terms_.begin(), b.terms_.end(),
                    [&](const auto& x, const auto& y) {
                      return x.second == y.second && !less(x.first, y.first) && !less(y.first, x.first);
                    });
}

std::optional<Polynomial> add(const Polynomial& a, const Polynomial& b, int64_t factor) {
  PolynomialSum sum;
  for (const auto& [monomial, coefficient] : a.terms()) sum.add(monomial, coefficient);
  for (const auto& [monomial, coefficient] : b.terms()) sum.add(monomial, coefficient, factor);
  return sum.result();
}

std::optional<Polynomial> multiply(const Polynomial& a, const Polynomial& b) {
  PolynomialSum sum;
  for (const auto& [left, left_coefficient] : a.terms())
    for (const auto& [right, right_coefficient] : b.terms()) {
      Monomial product;
      std::merge(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(product), by_text);
      sum.add(product, left_coefficient, right_coefficient);
      if (!sum.fits()) return std::nullopt;
    }
  return sum.result();
}

std::optional<Polynomial> floor_quotient(const Polynomial& a, int64_t divisor) {
  PolynomialSum whole_sum, rest_sum;
  for (const auto& [monomial, coefficient] : a.terms()) {
    const int64_t rest = coefficient % divisor;
    whole_sum.add(monomial, floor_division(coefficient, divisor));
    rest_sum.add(monomial, rest < 0 ? rest + divisor : rest);
  }
  auto whole = whole_sum.result();
  const auto rest = rest_sum.result();
  if (!whole || !rest || rest->is_constant()) return whole;
  const auto floor = floor_of_rest(*rest, divisor);
  return floor ? add(*whole, *floor) : std::nullopt;
}

int64_t common_divisor(const Polynomial& a, int64_t with) {
  for (const auto& [monomial, coefficient] : a.terms()) {
    // The least number has no absolute value; 1 divides it as well.
    if (coefficient == std::numeric_limits<int64_t>::min()) return 1;
    with = std::gcd(with, coefficient);
  }
  return with;
}

Polynomial divide_exactly(const Polynomial& a, int64_t divisor) {
  PolynomialSum quotient;
  for (const auto& [monomial, coefficient] : a.terms()) quotient.add(monomial, coefficient / divisor);
  return *quotient.result();
}

std::optional<Polynomial> exact_quotient(const Polynomial& a, const Polynomial& b) {
  if (b.terms().empty()) return std::nullopt;
  const auto& [divisor, by] = *b.terms().begin();
  PolynomialSum quotient;
  Polynomial rest = a;
  for (size_t step = 0; !rest.terms().empty(); ++step) {
    const auto& [leading, coefficient] = *rest.terms().begin();
    if (step == Polynomial::kMaxTerms || !divides(by, coefficient) ||
        !std::includes(leading.begin(), leading.end(), divisor.begin(), divisor.end(), by_text))
      return std::nullopt;
    PolynomialSum term;
    Monomial ratio;
    std::set_difference(leading.begin(), leading.end(), divisor.begin(), divisor.end(),
                        std::back_inserter(ratio), by_text);
    term.add(ratio, coefficient / by);
    quotient.add(ratio, coefficient / by);
    const auto product = multiply(*term.result(), b);
    auto less = product ? add(rest, *product, -1) : std::nullopt;
    if (!less) return std::nullopt;
    rest = std::move(*less);
  }
  return quotient.result();
}

std::optional<Polynomial> substitute(const Polynomial& a,
                                     const std::map<std::string, int64_t, std::less<>>& symbols) {
  std::optional<Polynomial> sum = Polynomial();
  for (const auto& [monomial, coefficient] : a.terms()) {
    const auto product = substituted_term(monomial, coefficient, symbols);
    if (!product) return std::nullopt;
    sum = add(*sum, *product);
    if (!sum) return std::nullopt;
  }
  return sum;
}

}  // namespace slipway
