// Sizes that are known only at run time: a symbol is read where a tensor has it, an expression over symbols
// is computed from them, each once for a graph.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "tensor/linear_size.hpp"
#include "torch/aten/scope.hpp"

namespace slipway::torch::aten {
namespace {

Polynomial polynomial_of(const Dim& dim) {
  if (dim.is_known()) return Polynomial(dim.value());
  return parse_polynomial(dim.text()).value_or(Polynomial::symbol(dim.text()));
}

}  // namespace

void Scope::note_symbols(const ir::TensorMeta& meta, Value* value) {
  for (size_t axis = 0; axis < meta.sizes.size(); ++axis) {
    if (!meta.sizes[axis].is_symbolic()) continue;
    const std::string& text = meta.sizes[axis].text();
    if (!find_symbol(text)) symbols_.emplace(text, Axis{value, static_cast<int64_t>(axis)});
    // An input of 8·s pixels is all there is to know s by.
    const auto linear = as_linear(meta.sizes[axis]);
    if (linear && !find_symbol(linear->name))
      symbols_.emplace(linear->name, Axis{value, static_cast<int64_t>(axis), linear->factor, linear->offset});
  }
}

const Scope::Axis* Scope::find_symbol(std::string_view symbol) const {
  for (const Scope* scope = this; scope; scope = scope->outer_)
    if (const auto found = scope->symbols_.find(symbol); found != scope->symbols_.end())
      return &found->second;
  return nullptr;
}

Value* Scope::evaluate(const Atom& atom) {
  if (const Axis* place = find_symbol(atom.text)) {
    if (place->axis < 0) return place->tensor;
    Node* node = graph_.add_node("Shape", {place->tensor});
    node->set_attribute("start", place->axis);
    node->set_attribute("end", place->axis + 1);
    Value* size = node->output(0);
    if (place->offset != 0) size = graph_.add_node("Sub", {size, ints({place->offset})})->output(0);
    return place->factor == 1 ? size : graph_.add_node("Div", {size, ints({place->factor})})->output(0);
  }
  if (!atom.numerator) return nullptr;
  Value* numerator = evaluate(*atom.numerator);
  // Sizes are not negative: the quotient that is cut off is the floor.
  return numerator ? graph_.add_node("Div", {numerator, ints({atom.divisor})})->output(0) : nullptr;
}

Value* Scope::evaluate(const Monomial& monomial, int64_t factor) {
  Value* product = nullptr;
  for (const auto& atom : monomial) {
    Value* next = size(Dim::symbol(atom->text));
    if (!next) return nullptr;
    product = product ? graph_.add_node("Mul", {product, next})->output(0) : next;
  }
  if (!product) return ints({factor});
  return factor == 1 ? product : graph_.add_node("Mul", {product, ints({factor})})->output(0);
}

Value* Scope::evaluate(const Polynomial& polynomial) {
  Value* sum = nullptr;
  for (const auto& [monomial, coefficient] : polynomial.terms()) {
    const bool subtract = sum && coefficient < 0 && coefficient != INT64_MIN;
    Value* term = evaluate(monomial, subtract ? -coefficient : coefficient);
    if (!term) return nullptr;
    sum = sum ? graph_.add_node(subtract ? "Sub" : "Add", {sum, term})->output(0) : term;
  }
  return sum ? sum : ints({0});
}

bool Scope::can_evaluate(const Polynomial& polynomial) const {
  const auto is_here = [&](const auto& atom) {
    return find_symbol(atom->text) || (atom->numerator && can_evaluate(*atom->numerator));
  };
  return std::ranges::all_of(polynomial.terms(),
                             [&](const auto& term) { return std::ranges::all_of(term.first, is_here); });
}

bool Scope::can_evaluate(const Dim& dim) const {
  return !dim.is_unknown() && can_evaluate(polynomial_of(dim));
}

Value* Scope::size(const Dim& dim) {
  if (dim.is_unknown()) return nullptr;
  if (dim.is_known()) return ints({dim.value()});
  const std::string text = dim.to_string();
  for (Scope* scope = this; scope; scope = scope->outer_)
    if (const auto found = scope->sizes_.find(text); found != scope->sizes_.end()) return found->second;
  const Polynomial polynomial = polynomial_of(dim);
  const auto& terms = polynomial.terms();
  // A symbol by itself, or a floor: what evaluate(Atom) makes. Everything else is made of such.
  const bool single = terms.size() == 1 && terms.begin()->second == 1 && terms.begin()->first.size() == 1;
  Value* made = single ? evaluate(*terms.begin()->first.front()) : evaluate(polynomial);
  if (made) sizes_.emplace(text, made);
  return made;
}

Value* Scope::size(const ir::Int& number) {
  if (number.is_constant()) return ints({number.constant});
  if (Value* made = size(number.value->expression)) return made;
  return find(*number.value);
}

Value* Scope::sizes(std::span<const ir::Int> numbers) {
  std::vector<Value*> parts;
  std::vector<int64_t> constants;
  const auto flush = [&] {
    if (!constants.empty()) parts.push_back(ints(std::exchange(constants, {})));
  };
  for (const ir::Int& number : numbers) {
    if (number.is_constant()) {
      constants.push_back(number.constant);
    } else if (number.value->expression.is_known()) {
      constants.push_back(number.value->expression.value());
    } else {
      flush();
      parts.push_back(size(number));
    }
  }
  flush();
  return sizes(parts);
}

Value* Scope::sizes(std::span<Value* const> parts) {
  if (parts.empty()) return ints({});
  if (parts.size() == 1) return parts.front();
  Node* node = graph_.add_node("Concat", {parts.begin(), parts.end()});
  node->set_attribute("axis", int64_t{0});
  return node->output(0);
}

}  // namespace slipway::torch::aten
