#include "tensor/dim.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include "base/error.hpp"
#include "tensor/polynomial.hpp"

namespace slipway {

namespace {

Polynomial parsed(const std::string& text) {
  auto polynomial = parse_polynomial(text);
  // A name that is no expression ("batch size?") is a symbol as a whole.
  return polynomial ? std::move(*polynomial) : Polynomial::symbol(text);
}

}  // namespace

// Results of arithmetic know their polynomial; a text from a file is parsed when somebody calculates with it,
// and once: inference asks again and again. Threads share expressions.
struct Dim::Expression {
  explicit Expression(std::string spelled) : text(std::move(spelled)) {}
  Expression(std::string spelled, Polynomial known) : text(std::move(spelled)), meaning(std::move(known)) {}

  const Polynomial& polynomial() const {
    std::call_once(asked, [this] {
      if (!meaning) meaning = parsed(text);
    });
    return *meaning;
  }

  const std::string text;
  mutable std::once_flag asked;
  mutable std::optional<Polynomial> meaning;
};

Dim Dim::symbol(std::string text) {
  Dim dim;
  if (!text.empty()) dim.expression_ = std::make_shared<const Expression>(std::move(text));
  return dim;
}

const std::string& Dim::text() const {
  return expression_->text;
}

Polynomial Dim::polynomial() const {
  return expression_ ? expression_->polynomial() : Polynomial(value_);
}

Dim Dim::from(std::optional<Polynomial> polynomial) {
  Dim dim;
  if (!polynomial) return dim;
  if (polynomial->is_constant()) return Dim(std::max<int64_t>(polynomial->constant(), -1));
  auto text = polynomial->to_text();
  if (text) dim.expression_ = std::make_shared<const Expression>(std::move(*text), std::move(*polynomial));
  return dim;
}

std::string Dim::to_string() const {
  if (is_known()) return std::to_string(value_);
  return is_symbolic() ? text() : "?";
}

Dim Dim::substitute(const std::map<std::string, int64_t, std::less<>>& symbols) const {
  if (!is_symbolic()) return *this;
  if (const auto whole = symbols.find(text()); whole != symbols.end()) return Dim(whole->second);
  const Polynomial before = polynomial();
  const auto after = slipway::substitute(before, symbols);
  return after && *after == before ? *this : from(after);
}

bool operator==(const Dim& a, const Dim& b) {
  if (a.is_unknown() || b.is_unknown()) return false;
  if (a.is_known() && b.is_known()) return a.value_ == b.value_;
  if (a.is_symbolic() && b.is_symbolic() && a.text() == b.text()) return true;
  return a.polynomial() == b.polynomial();
}

Dim operator+(const Dim& a, const Dim& b) {
  if (a.is_unknown() || b.is_unknown()) return {};
  if (a.value_ == 0) return b;
  if (b.value_ == 0) return a;
  return Dim::from(add(a.polynomial(), b.polynomial()));
}

Dim operator-(const Dim& a, const Dim& b) {
  if (a.is_unknown() || b.is_unknown()) return {};
  if (b.value_ == 0) return a;
  return Dim::from(add(a.polynomial(), b.polynomial(), -1));
}

Dim operator*(const Dim& a, const Dim& b) {
  if (a.value_ == 0 || b.value_ == 0) return 0;
  if (a.is_unknown() || b.is_unknown()) return {};
  if (a.value_ == 1) return b;
  if (b.value_ == 1) return a;
  return Dim::from(multiply(a.polynomial(), b.polynomial()));
}

Dim floor_div(const Dim& a, int64_t divisor) {
  if (divisor <= 0) fail(ErrorCode::kInvalidArgument, "a dimension cannot be divided by {}", divisor);
  if (a.is_unknown()) return {};
  if (divisor == 1) return a;
  return Dim::from(floor_quotient(a.polynomial(), divisor));
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text.append(i > 0 ? "," : "").append(shape[i].to_string());
  return text + "]";
}

std::string to_string(const Dims& dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i) text.append(i > 0 ? "," : "").append(std::to_string(dims[i]));
  return text + "]";
}

bool all_known(const Shape& shape) {
  return std::all_of(shape.begin(), shape.end(), [](const Dim& dim) { return dim.is_known(); });
}

Dims known_dims(const Shape& shape) {
  Dims dims;
  dims.reserve(shape.size());
  for (const Dim& dim : shape) dims.push_back(dim.value());
  return dims;
}

void check_tensor_rank(size_t rank) {
  if (rank > kMaxTensorRank)
    fail(ErrorCode::kInvalidModel, "{} dimensions are more than the {} that a tensor may have", rank,
         kMaxTensorRank);
}

int64_t element_count(const Dims& dims) {
  check_tensor_rank(dims.size());
  int64_t count = 1;
  bool too_large = false;
  bool empty = false;
  for (const int64_t dim : dims) {
    if (dim < 0)
      fail(ErrorCode::kInvalidArgument, "the dimensions {} contain a negative one", to_string(dims));
    if (dim == 0) empty = true;
    too_large |= __builtin_mul_overflow(count, std::max<int64_t>(dim, 1), &count) || count > kMostElements;
  }
  if (too_large) fail(ErrorCode::kOutOfMemory, "a tensor of dimensions {} is too large", to_string(dims));
  if (empty && count > kMostBesideEmpty)
    fail(ErrorCode::kOutOfMemory,
         "a tensor of dimensions {} has no elements, but its other sizes multiply to more than {}",
         to_string(dims), kMostBesideEmpty);
  return empty ? 0 : count;
}

}  // namespace slipway
