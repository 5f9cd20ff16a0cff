// Gemm: alpha · A' · B' + beta · C, where ' transposes if asked and C is broadcast to the product's shape. C
// is not looked at where beta is 0.
#include "ops/cast.hpp"
#include "ops/matrix_product.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

Shape operand_shape(const InferenceContext& context, size_t index, const char* transpose) {
  Shape shape = *context.input_shape(index);
  if (shape.size() != 2)
    fail(ErrorCode::kInvalidModel, "input {} has shape {}, but a matrix was expected", index,
         to_string(shape));
  if (context.node().int_attribute(transpose, 0) != 0) std::swap(shape[0], shape[1]);
  return shape;
}

// As far as sizes are known.
bool broadcasts_to(const Shape& shape, const Shape& to) {
  if (shape.size() > to.size()) return false;
  const size_t missing = to.size() - shape.size();
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (shape[axis] != 1 && contradict(shape[axis], to[missing + axis])) return false;
  return true;
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  if (!context.input_shape(0) || !context.input_shape(1))
    return context.set_output_type(0, Type::tensor(type));
  const Shape a = operand_shape(context, 0, "transA"), b = operand_shape(context, 1, "transB");
  if (a[1].is_known() && b[0].is_known() && a[1] != b[0])
    fail(ErrorCode::kInvalidModel,
         "{} and {} cannot be multiplied: the left one has {} columns, the right one "
         "{} rows",
         to_string(a), to_string(b), a[1].value(), b[0].value());
  const Shape product{a[0], b[1]};
  if (const auto c = context.input_shape(2); c && !broadcasts_to(*c, product))
    fail(ErrorCode::kInvalidModel, "C has shape {}, which does not broadcast to the product's, {}",
         to_string(*c), to_string(product));
  context.set_output_type(0, Type::tensor(type, product));
}

template <typename T>
struct Operand {
  MatrixView<T> view;
  int64_t rows;
  int64_t columns;
};

template <typename T>
Operand<T> operand(const Tensor& tensor, bool transposed) {
  if (tensor.rank() != 2)
    fail(ErrorCode::kInvalidArgument, "{} was given, but a matrix was expected", tensor.describe());
  const int64_t rows = tensor.dim(0), columns = tensor.dim(1);
  if (transposed) return {{tensor.data<T>(), 1, columns}, columns, rows};
  return {{tensor.data<T>(), columns, 1}, rows, columns};
}

// A factor of 1 leaves integers exact beyond 2^53.
template <std::integral T>
T scaled(float factor, T value) {
  return factor == 1 ? value : as_element<T>(static_cast<double>(factor) * static_cast<double>(value));
}
double scaled(float factor, double value) {
  return static_cast<double>(factor) * value;
}

template <typename T>
void compute_as(KernelContext& context) {
  const Node& node = context.node();
  const auto a = operand<T>(context.input(0), node.int_attribute("transA", 0) != 0);
  const auto b = operand<T>(context.input(1), node.int_attribute("transB", 0) != 0);
  if (a.columns != b.rows)
    fail(ErrorCode::kInvalidArgument, "the left matrix has {} columns, the right one {} rows", a.columns,
         b.rows);
  const float alpha = node.float_attribute("alpha", 1), beta = node.float_attribute("beta", 1);
  const Dims dims{a.rows, b.columns};
  const bool has_c = context.has_input(2) && beta != 0;
  StridedWalk<1> c_at(dims, {has_c ? broadcast_strides(context.input(2).dims(), dims) : Dims{0, 0}});
  const std::span<const T> c = has_c ? context.input(2).data<T>() : std::span<const T>();

  const auto out = context.make_output(0, data_type_of<T>, dims).template data<T>();
  CountedVector<ExactType<T>> sums(static_cast<size_t>(b.columns));
  size_t next = 0;
  for (int64_t row = 0; row < a.rows; ++row) {
    multiply_row(a.view, row, b.view, a.columns, sums);
    for (const auto sum : sums) {
      auto value = scaled(alpha, sum);
      if (has_c) value = wrapping_add(value, scaled(beta, to_exact(c[static_cast<size_t>(c_at[0])])));
      out[next++] = static_cast<T>(value);
      c_at.next();
    }
  }
}

void compute(KernelContext& context) {
  dispatch<WideNumbers>(context.input(0).type(), [&]<typename T>(ElementType<T>) { compute_as<T>(context); });
}

double flops(const ShapeContext& context) {
  const Dims& a = context.inputs[0];
  const int64_t inner = a[context.node.int_attribute("transA", 0) != 0 ? 0 : 1];
  return 2 * static_cast<double>(element_count(context.outputs[0])) * static_cast<double>(inner);
}

}  // namespace

void register_gemm(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "Gemm",
                .since_version = 13,
                .inputs = {{"A", "T"}, {"B", "T"}, {"C", "T", Arity::kOptional}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"alpha", Kind::kFloat},
                               {"beta", Kind::kFloat},
                               {"transA", Kind::kInt},
                               {"transB", Kind::kInt}},
                .type_constraints = {{"T", kWideNumbers}},
                .infer = infer,
                .compute = compute,
                .flops = flops});
}

}  // namespace slipway::ops
