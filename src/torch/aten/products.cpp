// Products of matrices and vectors.
#include "torch/aten/products.hpp"

#include <algorithm>

#include "torch/aten/operands.hpp"
#include "torch/aten/reduction.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// The type in which ONNX multiplies matrices of this one; narrow integers are cut off afterwards.
DataType type_of_products(DataType type) {
  if (type == DataType::kBool) return DataType::kInt32;
  return is_integer(type) && bits_of(type) < 32 ? DataType::kInt32 : type;
}

Value* product(Conversion& c, std::string_view a, std::string_view b, DataType type) {
  Value* left = operand(c, a, type);
  return c.emit("MatMul", {left, operand(c, b, type)});
}

void convert_product(Conversion& c, std::string_view a, std::string_view b) {
  const DataType type = c.result_meta().type, computed = type_of_products(type);
  c.result(converted(c, product(c, a, b, computed), computed, type));
}

// beta · self + alpha · product
void add_product(Conversion& c, Value* product, DataType type) {
  const auto times = [&](std::string_view factor, Value* value) {
    const bool one = !c.has(factor) || (c.is_constant(factor) && c.number(factor) == 1);
    return one ? value : c.emit("Mul", {value, operand(c, factor, type)});
  };
  Value* scaled = times("alpha", product);
  // beta = 0 leaves self out, NaN and all.
  if (c.has("beta") && c.is_constant("beta") && c.number("beta") == 0) return c.result(scaled);
  c.result(c.emit("Add", {times("beta", operand(c, "self", type)), scaled}));
}

// The matrix that a Transpose node turns over, or nullptr.
Value* before_transpose(const Value* value) {
  const Node* node = value->producer();
  const bool is_matrix_transpose =
      node && node->is("Transpose") && node->ints_attribute("perm", {}) == std::vector<int64_t>{1, 0};
  return is_matrix_transpose ? node->input(0) : nullptr;
}

}  // namespace

// mm, bmm, matmul, mv, dot: NumPy's rules, which are ONNX's.
void convert_matmul(Conversion& c) {
  const char* other = "other";
  for (const char* name : {"mat2", "vec", "tensor"})
    if (c.has(name)) other = name;
  convert_product(c, "self", other);
}

// beta · self + alpha · mat1 mat2: one Gemm, which reads a transposed matrix as it lies.
void convert_addmm(Conversion& c) {
  const DataType type = c.result_meta().type;
  if (!is_floating_point(type)) return add_product(c, product(c, "mat1", "mat2", type), type);
  Attributes attributes;
  const double alpha = c.number("alpha", 1), beta = c.number("beta", 1);
  Value* mat1 = operand(c, "mat1", type);
  Value* mat2 = operand(c, "mat2", type);
  if (Value* straight = before_transpose(mat2)) {
    mat2 = straight;
    attributes.emplace_back("transB", 1);
  }
  if (alpha != 1) attributes.emplace_back("alpha", alpha);
  if (beta != 1 && beta != 0) attributes.emplace_back("beta", beta);
  c.result(c.emit("Gemm", {mat1, mat2, beta == 0 ? nullptr : operand(c, "self", type)}, attributes));
}

void convert_baddbmm(Conversion& c) {
  const DataType type = c.result_meta().type;
  add_product(c, product(c, "batch1", "batch2", type), type);
}

// The products of all batches together.
void convert_addbmm(Conversion& c) {
  const DataType type = c.result_meta().type;
  Reduction batches;
  batches.axes = {0};
  batches.rank = 3;
  add_product(c, reduce(c, "ReduceSum", product(c, "batch1", "batch2", type), batches), type);
}

void convert_addmv(Conversion& c) {
  const DataType type = c.result_meta().type;
  add_product(c, product(c, "mat", "vec", type), type);
}

namespace {

Value* outer_product(Conversion& c, std::string_view a, std::string_view b, DataType type) {
  Value* column = unsqueeze(c, operand(c, a, type), {1});
  return c.emit(type == DataType::kBool ? "And" : "Mul", {column, operand(c, b, type)});
}

}  // namespace

// outer, ger
void convert_outer(Conversion& c) {
  c.result(outer_product(c, "self", "vec2", c.result_meta().type));
}

void convert_addr(Conversion& c) {
  const DataType type = c.result_meta().type;
  add_product(c, outer_product(c, "vec1", "vec2", type), type);
}

namespace {

// The equation without "...": PyTorch sums over what these stand for when the result does not have them, ONNX
// takes no such equation.
std::string without_ellipsis(const Conversion& c, const std::string& equation) {
  std::string unused;
  for (char letter = 'A'; letter <= 'Z'; ++letter)
    if (equation.find(letter) == std::string::npos) unused += letter;
  std::string result;
  size_t tensor = 0, letters = 0;
  for (size_t i = 0, begin = 0; i < equation.size(); ++i) {
    if (equation[i] == ',') {
      ++tensor;
      begin = i + 1;
    }
    if (equation[i] != '.') {
      result += equation[i];
      continue;
    }
    const size_t end = std::min(equation.find_first_of(",-", i), equation.size());
    letters = end - begin - 3;
    const size_t rank = c.meta("tensors", tensor).sizes.size();
    if (rank < letters || rank - letters > unused.size()) c.refuse("its equation does not fit the tensors");
    // The axes of all ellipses are aligned at the end.
    result += unused.substr(unused.size() - (rank - letters));
    i += 2;
  }
  return result;
}

}  // namespace

std::string einsum_equation(const Conversion& c) {
  std::string equation = c.text("equation");
  std::erase(equation, ' ');
  const size_t arrow = equation.find("->");
  const bool sums_over_others = arrow != std::string::npos && equation.find("...") < arrow &&
                                equation.find("...", arrow) == std::string::npos;
  return sums_over_others ? without_ellipsis(c, equation) : equation;
}

void convert_einsum(Conversion& c) {
  c.result(c.emit("Einsum", c.tensors("tensors"), {{"equation", einsum_equation(c)}}));
}

// chain_matmul, linalg_multi_dot
void convert_chain_matmul(Conversion& c) {
  const std::vector<Value*> matrices = c.tensors(c.has("matrices") ? "matrices" : "tensors");
  Value* product = matrices[0];
  for (size_t i = 1; i < matrices.size(); ++i) product = c.emit("MatMul", {product, matrices[i]});
  c.result(product);
}

namespace {

// Letters for the axes of two tensors: equal ones are summed over.
std::string letters(int64_t count, char first) {
  std::string text;
  for (int64_t i = 0; i < count; ++i) text += static_cast<char>(first + i);
  return text;
}

}  // namespace

// Sums over pairs of axes, dims_self[i] with dims_other[i].
void convert_tensordot(Conversion& c) {
  const int64_t rank = c.rank("self"), other_rank = c.rank("other");
  if (rank > 26 || other_rank > 26) c.refuse("it has more axes than an equation has letters");
  std::string self = letters(rank, 'a'), other = letters(other_rank, 'A'), result = self;
  auto dims = c.integers("dims_self"), other_dims = c.integers("dims_other");
  for (size_t i = 0; i < dims.size(); ++i) {
    const int64_t axis = dims[i] < 0 ? dims[i] + rank : dims[i];
    const int64_t place = other_dims.at(i) < 0 ? other_dims[i] + other_rank : other_dims[i];
    if (axis < 0 || axis >= rank || place < 0 || place >= other_rank)
      c.refuse("an axis is outside of its tensor");
    other[static_cast<size_t>(place)] = self[static_cast<size_t>(axis)];
    result.erase(result.find(self[static_cast<size_t>(axis)]), 1);
  }
  for (const char letter : other)
    if (self.find(letter) == std::string::npos) result += letter;
  const DataType type = c.result_meta().type;
  Value* left = operand(c, "self", type);
  c.result(c.emit("Einsum", {left, operand(c, "other", type)},
                  {{"equation", self + "," + other + "->" + result}}));
}

// Sums over the last axes of both.
void convert_inner(Conversion& c) {
  const DataType type = c.result_meta().type;
  const int64_t rank = c.rank("self"), other_rank = c.rank("other");
  Value* self = operand(c, "self", type);
  Value* other = operand(c, "other", type);
  if (rank == 0 || other_rank == 0) return c.result(c.emit("Mul", {self, other}));
  const std::string left = letters(rank - 1, 'a'), right = letters(other_rank - 1, 'A');
  c.result(c.emit("Einsum", {self, other}, {{"equation", left + "z," + right + "z->" + left + right}}));
}

// Every element of self times all of other.
void convert_kron(Conversion& c) {
  const DataType type = c.result_meta().type;
  const Shape &self = c.meta("self").sizes, &other = c.meta("other").sizes;
  const size_t rank = std::max(self.size(), other.size());
  // Axes of self and other in turns, those that one of them lacks of size 1.
  const auto apart = [&](const Shape& sizes, size_t first) {
    Shape result(2 * rank, 1);
    for (size_t i = 0; i < sizes.size(); ++i) result[2 * (rank - sizes.size() + i) + first] = sizes[i];
    return result;
  };
  Value* left = reshape(c, operand(c, "self", type), self, apart(self, 0));
  Value* right = reshape(c, operand(c, "other", type), other, apart(other, 1));
  Shape product(2 * rank);
  for (size_t i = 0; i < 2 * rank; ++i) product[i] = apart(self, 0)[i] * apart(other, 1)[i];
  c.result(reshape(c, c.emit(type == DataType::kBool ? "And" : "Mul", {left, right}), product,
                   c.result_meta().sizes));
}

// The vector product of three numbers each.
void convert_cross(Conversion& c) {
  const DataType type = c.result_meta().type;
  const auto rank = static_cast<int64_t>(c.result_meta().sizes.size());
  int64_t axis = 0;
  if (c.has("dim")) {
    axis = c.axis("dim", rank);
  } else if (operator_name(c) == "linalg_cross") {
    axis = rank - 1;
  } else {  // the first that has three
    while (axis < rank && !(c.result_meta().sizes[static_cast<size_t>(axis)] == Dim(3))) ++axis;
    if (axis == rank) c.refuse("no axis is known to be of size 3");
  }
  const auto turned = [&](Value* value, std::vector<int64_t> places) {
    return gather(c, value, c.ints(std::move(places)), axis - rank);
  };
  Value* self = operand(c, "self", type);
  Value* other = operand(c, "other", type);
  Value* first = c.emit("Mul", {turned(self, {1, 2, 0}), turned(other, {2, 0, 1})});
  Value* second = c.emit("Mul", {turned(self, {2, 0, 1}), turned(other, {1, 2, 0})});
  c.result(c.emit("Sub", {first, second}));
}

}  // namespace slipway::torch::aten
