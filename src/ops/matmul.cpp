// MatMul: NumPy's matmul. Axes before the last two are batches, broadcast; one-dimensional inputs are a row
// on the left, a column on the right, and that axis is dropped again.
#include "ops/matrix_product.hpp"
#include "ops/registry.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

void check_sizes(const Dim& columns, const Dim& rows, const std::string& a, const std::string& b) {
  if (columns.is_known() && rows.is_known() && columns != rows)
    fail(ErrorCode::kInvalidModel,
         "{} and {} cannot be multiplied: the left one has {} columns, the right one {} rows", a, b,
         columns.value(), rows.value());
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  if (!context.input_shape(0) || !context.input_shape(1))
    return context.set_output_type(0, Type::tensor(type));
  Shape a = *context.input_shape(0), b = *context.input_shape(1);
  if (a.empty() || b.empty()) fail(ErrorCode::kInvalidModel, "a scalar cannot be multiplied as a matrix");
  const bool row = a.size() == 1, column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  check_sizes(a.back(), b[b.size() - 2], to_string(a), to_string(b));
  Shape shape = broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  if (!row) shape.push_back(a[a.size() - 2]);
  if (!column) shape.push_back(b.back());
  context.set_output_type(0, Type::tensor(type, std::move(shape)));
}

struct Product {
  Dims batch;
  Dims a_strides;  // in matrices, along the batch axes
  Dims b_strides;
  int64_t rows;
  int64_t inner;
  int64_t columns;
  Dims out;
};

Product product_of(Dims a, Dims b) {
  if (a.empty() || b.empty()) fail(ErrorCode::kInvalidArgument, "a scalar cannot be multiplied as a matrix");
  const bool row = a.size() == 1, column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  check_sizes(a.back(), b[b.size() - 2], to_string(a), to_string(b));
  const Dims a_batch(a.begin(), a.end() - 2), b_batch(b.begin(), b.end() - 2);
  Product product{broadcast_dims(a_batch, b_batch), {}, {}, a[a.size() - 2], a.back(), b.back(), {}};
  product.a_strides = broadcast_strides(a_batch, product.batch);
  product.b_strides = broadcast_strides(b_batch, product.batch);
  product.out = product.batch;
  if (!row) product.out.push_back(product.rows);
  if (!column) product.out.push_back(product.columns);
  return product;
}

void compute(KernelContext& context) {
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  const Product product = product_of(a.dims(), b.dims());
  dispatch<WideNumbers>(a.type(), [&]<typename T>(ElementType<T>) {
    const auto out = context.make_output(0, a.type(), product.out).template data<T>();
    std::vector<ExactType<T>> sums(static_cast<size_t>(product.columns));
    StridedWalk<2> batch(product.batch, {product.a_strides, product.b_strides});
    const auto left = a.data<T>(), right = b.data<T>();
    for (size_t next = 0; next < out.size(); batch.next()) {
      const auto a_begin = static_cast<size_t>(batch[0] * product.rows * product.inner);
      const auto b_begin = static_cast<size_t>(batch[1] * product.inner * product.columns);
      const MatrixView<T> a_matrix{left.subspan(a_begin), product.inner, 1};
      const MatrixView<T> b_matrix{right.subspan(b_begin), product.columns, 1};
      for (int64_t row = 0; row < product.rows; ++row) {
        multiply_row(a_matrix, row, b_matrix, product.inner, sums);
        for (const auto sum : sums) out[next++] = static_cast<T>(sum);
      }
    }
  });
}

double flops(const ShapeContext& context) {
  const Dims& a = context.inputs[0];
  return 2 * static_cast<double>(element_count(context.outputs[0])) * static_cast<double>(a.back());
}

}  // namespace

void register_matmul(Registry& registry) {
  registry.add({.name = "MatMul",
                .since_version = 13,
                .inputs = {{"A", "T"}, {"B", "T"}},
                .outputs = {{"Y", "T"}},
                .type_constraints = {{"T", kWideNumbers}},
                .infer = infer,
                .compute = compute,
                .flops = flops});
}

}  // namespace slipway::ops
