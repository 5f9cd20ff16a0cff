// Arithmetic of complex numbers. What only moves them is in pair_call.cpp, their transforms in fourier.cpp.
#include "torch/aten/complex.hpp"

#include "torch/aten/angle.hpp"
#include "torch/aten/element_list.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/products.hpp"
#include "torch/aten/shaping.hpp"
#include "torch/ir/complex_pairs.hpp"

namespace slipway::torch::aten {
namespace {

using ir::is_complex;
using ir::part_type;

const std::complex<double>* complex_number(const Conversion& c, std::string_view argument) {
  const ir::Argument* given = c.call().find(argument);
  return given ? given->as<std::complex<double>>() : nullptr;
}

bool is_real(const Conversion& c, std::string_view argument) {
  if (complex_number(c, argument)) return false;
  return c.is_number(argument) || !is_complex(c.meta(argument).type);
}

// The type of the parts of the result, or of the result itself where it is real.
DataType type_of_parts(const Conversion& c) {
  const DataType type = c.result_meta().type;
  return is_complex(type) ? part_type(type) : type;
}

Value* constant_pair(Conversion& c, DataType part, std::complex<double> number) {
  return c.constant(
      element_list(part, {2}, [&](int64_t i) { return i == 0 ? number.real() : number.imag(); }));
}

// A real argument as what pairs are multiplied by: a number, or a tensor with a last axis of 1.
Value* real_factor(Conversion& c, std::string_view argument, DataType part) {
  Value* value = operand(c, argument, part);
  return c.is_number(argument) ? value : unsqueeze(c, value, {c.rank(argument)});
}

// Its parts: that of a constant are constants.
Parts operand_parts(Conversion& c, std::string_view argument, DataType part) {
  if (const auto* number = complex_number(c, argument))
    return {c.scalar(part, number->real()), c.scalar(part, number->imag())};
  return parts_of(c, pair_operand(c, argument, part));
}

// (a + ib) · (c + id) for anything that multiplies reals and is linear in both.
template <typename Multiply>
Parts product(Conversion& c, const Parts& a, const Parts& b, const Multiply& multiply) {
  Value* squares = multiply(a.real, b.real);
  Value* real = c.emit("Sub", {squares, multiply(a.imaginary, b.imaginary)});
  Value* mixed = multiply(a.real, b.imaginary);
  return {real, c.emit("Add", {mixed, multiply(a.imaginary, b.real)})};
}

Value* multiplied(Conversion& c, const Parts& a, const Parts& b) {
  return pairs_of(c, product(c, a, b, [&](Value* x, Value* y) { return c.emit("Mul", {x, y}); }));
}

Value* times(Conversion& c, Value* pairs, std::string_view factor, DataType part) {
  const bool one = !c.has(factor) || (c.is_constant(factor) && c.number(factor) == 1);
  return one ? pairs : c.emit("Mul", {pairs, real_factor(c, factor, part)});
}

// 1 / (c + id), scaled so that no square overflows.
Parts inverse(Conversion& c, const Parts& z) {
  Value* size = c.emit("Max", {c.emit("Abs", {z.real}), c.emit("Abs", {z.imaginary})});
  const auto scaled = [&](Value* part) { return c.emit("Div", {part, size}); };
  Value *real = scaled(z.real), *imaginary = scaled(z.imaginary);
  Value* squares = c.emit("Add", {c.emit("Mul", {real, real}), c.emit("Mul", {imaginary, imaginary})});
  Value* divisor = c.emit("Mul", {squares, size});
  return {c.emit("Div", {real, divisor}), c.emit("Neg", {c.emit("Div", {imaginary, divisor})})};
}

// magnitude · e^(i · angle), both with a last axis of 1.
Value* polar(Conversion& c, Value* magnitude, Value* angle) {
  const auto part = [&](const char* op_type) { return c.emit("Mul", {magnitude, c.emit(op_type, {angle})}); };
  Value* real = part("Cos");
  return pairs_of(c, {real, part("Sin")});
}

Value* magnitude(Conversion& c, Value* pairs, bool keep) {
  return c.emit("ReduceL2", {pairs, c.ints({-1})}, keep ? Attributes{} : Attributes{{"keepdims", 0}});
}

Value* without_last_axis(Conversion& c, Value* value) {
  return c.emit("Squeeze", {value, c.ints({-1})});
}

// Matrices of parts, as MatMul takes them.
Parts matrices(Conversion& c, Value* pairs) {
  const Parts parts = parts_of(c, pairs);
  return {without_last_axis(c, parts.real), without_last_axis(c, parts.imaginary)};
}

Value* pairs_of_matrices(Conversion& c, const Parts& parts) {
  const auto lifted = [&](Value* value) { return c.emit("Unsqueeze", {value, c.ints({-1})}); };
  return pairs_of(c, {lifted(parts.real), lifted(parts.imaginary)});
}

// first ± alpha · second
void combine(Conversion& c, const char* op_type, const char* first, const char* second) {
  const DataType part = type_of_parts(c);
  Value* of_first = pair_operand(c, first, part);
  c.result(c.emit(op_type, {of_first, times(c, pair_operand(c, second, part), "alpha", part)}));
}

}  // namespace

Parts parts_of(Conversion& c, Value* pairs) {
  const auto parts = c.emit_several("Split", {pairs}, 2, {{"axis", -1}, {"num_outputs", 2}});
  return {parts[0], parts[1]};
}

Value* pairs_of(Conversion& c, const Parts& parts) {
  return c.emit("Concat", {parts.real, parts.imaginary}, {{"axis", -1}});
}

Value* pair_operand(Conversion& c, std::string_view argument, DataType part) {
  if (const auto* number = complex_number(c, argument)) return constant_pair(c, part, *number);
  if (c.is_number(argument) && c.is_constant(argument)) return constant_pair(c, part, c.number(argument));
  if (!is_real(c, argument)) return converted(c, c.tensor(argument), part_type(c.meta(argument).type), part);
  const int64_t rank = c.is_number(argument) ? 0 : c.rank(argument);
  std::vector<int64_t> pads(static_cast<size_t>(2 * (rank + 1)), 0);
  pads.back() = 1;
  return c.emit("Pad", {unsqueeze(c, operand(c, argument, part), {rank}), c.ints(std::move(pads))});
}

Value* conjugated(Conversion& c, Value* pairs, DataType part) {
  return c.emit("Mul", {pairs, constant_pair(c, part, {1, -1})});
}

// complex: of real and imaginary part
void convert_complex(Conversion& c) {
  const ir::TensorMeta& result = c.result_meta();
  const DataType part = part_type(result.type);
  const auto expanded = [&](const char* argument) {
    Value* value = expand(c, operand(c, argument, part), c.meta(argument).sizes, result.sizes);
    return unsqueeze(c, value, {static_cast<int64_t>(result.sizes.size())});
  };
  Value* real = expanded("real");
  c.result(pairs_of(c, {real, expanded("imag")}));
}

void convert_polar(Conversion& c) {
  const DataType part = type_of_parts(c);
  Value* magnitude = real_factor(c, "abs", part);
  c.result(polar(c, magnitude, real_factor(c, "angle", part)));
}

// view_as_real, view_as_complex: in a model they are the same.
void convert_same_pairs(Conversion& c) {
  c.result(c.tensor("self"));
}

// conj, _conj, conj_physical, resolve_conj
void convert_conjugate(Conversion& c) {
  const bool resolved = operator_name(c) == "resolve_conj";  // what is a view elsewhere is computed here
  c.result(resolved ? c.tensor("self") : conjugated(c, c.tensor("self"), type_of_parts(c)));
}

// mH, adjoint, matrix_H: the conjugate of the transpose
void convert_complex_adjoint(Conversion& c) {
  const int64_t rank = c.rank("self");
  std::vector<int64_t> order = consecutive(0, rank + 1);
  if (rank >= 2) std::swap(order[static_cast<size_t>(rank - 1)], order[static_cast<size_t>(rank - 2)]);
  c.result(conjugated(c, transpose(c, c.tensor("self"), order), type_of_parts(c)));
}

void convert_complex_real(Conversion& c) {
  c.result(c.emit("Gather", {c.tensor("self"), integer(c, 0)}, {{"axis", -1}}));
}

void convert_complex_imaginary(Conversion& c) {
  c.result(c.emit("Gather", {c.tensor("self"), integer(c, 1)}, {{"axis", -1}}));
}

// to, _to_copy: between complex types, of reals, and to reals, which drops the imaginary part.
void convert_complex_type(Conversion& c) {
  const DataType to = c.result_meta().type, from = c.meta("self").type;
  if (is_complex(to)) return c.result(pair_operand(c, "self", part_type(to)));
  if (!is_floating_point(to)) c.refuse("complex numbers become reals only");
  Value* real = c.emit("Gather", {c.tensor("self"), integer(c, 0)}, {{"axis", -1}});
  c.result(converted(c, real, part_type(from), to));
}

// copy: what `src` has, in the type and size of self.
void convert_complex_copy(Conversion& c) {
  if (!is_complex(c.result_meta().type)) c.refuse("complex numbers are copied into complex ones only");
  Shape from = c.meta("src").sizes, to = c.meta("self").sizes;
  from.emplace_back(2);
  to.emplace_back(2);
  c.result(expand(c, pair_operand(c, "src", type_of_parts(c)), from, to));
}

// full, zeros, ones, and those like another tensor: complex ones, and reals like a complex tensor
void convert_complex_full(Conversion& c) {
  const bool complex = is_complex(c.result_meta().type);
  const DataType part = type_of_parts(c);
  const auto given = [&](const char* argument) {
    return complex ? pair_operand(c, argument, part) : operand(c, argument, part);
  };
  const double otherwise = operator_name(c).find("ones") != std::string_view::npos ? 1 : 0;
  Value* number = complex ? constant_pair(c, part, otherwise) : c.scalar(part, otherwise);
  for (const char* argument : {"fill_value", "value", "s"})
    if (c.has(argument)) number = given(argument);
  const Shape sizes = ir::as_pairs(c.result_meta()).sizes;
  c.result(c.result_meta().sizes.empty() ? number : c.emit("Expand", {number, c.shape(sizes)}));
}

void convert_complex_add(Conversion& c) {
  combine(c, "Add", "self", "other");
}

void convert_complex_sub(Conversion& c) {
  combine(c, "Sub", "self", "other");
}

void convert_complex_rsub(Conversion& c) {
  combine(c, "Sub", "other", "self");
}

void convert_complex_mul(Conversion& c) {
  const DataType part = type_of_parts(c);
  for (const auto& [complex, factor] : {std::pair{"self", "other"}, std::pair{"other", "self"}})
    if (is_real(c, factor))
      return c.result(c.emit("Mul", {pair_operand(c, complex, part), real_factor(c, factor, part)}));
  const Parts self = operand_parts(c, "self", part);
  c.result(multiplied(c, self, operand_parts(c, "other", part)));
}

void convert_complex_div(Conversion& c) {
  const DataType part = type_of_parts(c);
  if (is_real(c, "other"))
    return c.result(c.emit("Div", {pair_operand(c, "self", part), real_factor(c, "other", part)}));
  const Parts self = operand_parts(c, "self", part);
  c.result(multiplied(c, self, inverse(c, operand_parts(c, "other", part))));
}

void convert_complex_reciprocal(Conversion& c) {
  c.result(pairs_of(c, inverse(c, operand_parts(c, "self", type_of_parts(c)))));
}

void convert_complex_square(Conversion& c) {
  const Parts self = operand_parts(c, "self", type_of_parts(c));
  c.result(multiplied(c, self, self));
}

// pow by whole numbers that take few products
void convert_complex_pow(Conversion& c) {
  if (!c.is_number("exponent") || !c.is_constant("exponent") || c.number("exponent") != 2)
    c.refuse("of complex numbers only the square is converted: write others by torch.polar");
  convert_complex_square(c);
}

void convert_complex_abs(Conversion& c) {
  c.result(magnitude(c, c.tensor("self"), false));
}

void convert_complex_angle(Conversion& c) {
  const DataType part = type_of_parts(c);
  const Parts self = operand_parts(c, "self", part);
  c.result(without_last_axis(c, angle(c, self.imaginary, self.real, part)));
}

// e^(a + ib) = e^a (cos b + i sin b)
void convert_complex_exp(Conversion& c) {
  const Parts self = operand_parts(c, "self", type_of_parts(c));
  c.result(polar(c, c.emit("Exp", {self.real}), self.imaginary));
}

// log|z| + i · angle
void convert_complex_log(Conversion& c) {
  const DataType part = type_of_parts(c);
  const Parts self = operand_parts(c, "self", part);
  Value* size = c.emit("Log", {magnitude(c, c.tensor("self"), true)});
  c.result(pairs_of(c, {size, angle(c, self.imaginary, self.real, part)}));
}

void convert_complex_where(Conversion& c) {
  const DataType part = type_of_parts(c);
  Value* condition = unsqueeze(c, operand(c, "condition", DataType::kBool), {c.rank("condition")});
  Value* self = pair_operand(c, "self", part);
  c.result(c.emit("Where", {condition, self, pair_operand(c, "other", part)}));
}

// mm, bmm, matmul
void convert_complex_matmul(Conversion& c) {
  const DataType part = type_of_parts(c);
  const Parts self = matrices(c, pair_operand(c, "self", part));
  const Parts other = matrices(c, pair_operand(c, c.has("mat2") ? "mat2" : "other", part));
  c.result(pairs_of_matrices(
      c, product(c, self, other, [&](Value* x, Value* y) { return c.emit("MatMul", {x, y}); })));
}

void convert_complex_einsum(Conversion& c) {
  const Attributes equation = {{"equation", einsum_equation(c)}};
  std::vector<Parts> operands;
  for (Value* tensor : c.tensors("tensors")) {
    if (!(c.meta("tensors", operands.size()).type == c.result_meta().type))
      c.refuse("its tensors have several types");
    operands.push_back(matrices(c, tensor));
  }
  if (operands.size() == 1)
    return c.result(pairs_of_matrices(c, {c.emit("Einsum", {operands[0].real}, equation),
                                          c.emit("Einsum", {operands[0].imaginary}, equation)}));
  if (operands.size() != 2) c.refuse("of complex numbers two tensors are multiplied at once, not more");
  c.result(pairs_of_matrices(c, product(c, operands[0], operands[1], [&](Value* x, Value* y) {
                               return c.emit("Einsum", {x, y}, equation);
                             })));
}

}  // namespace slipway::torch::aten
