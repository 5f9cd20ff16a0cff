// EyeLike and Trilu: diagonals of matrices, and what lies on one side of them.
#include <algorithm>

#include "base/error.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// ---- EyeLike ----

void require_matrix(size_t rank) {
  if (rank != 2) fail(ErrorCode::kInvalidModel, "the input has rank {}, but a matrix was expected", rank);
}

void infer_eye_like(InferenceContext& context) {
  const DataType given = context.input_element_type(0);
  const bool stated = context.node().find_attribute("dtype") != nullptr;
  const DataType type = stated ? type_attribute(context.node(), "dtype", given) : given;
  const auto& shape = context.input_shape(0);
  if (shape) require_matrix(shape->size());
  context.set_output_type(0, Type::tensor(type, shape ? *shape : Shape(2)));
}

void compute_eye_like(KernelContext& context) {
  const Tensor& input = context.input(0);
  require_matrix(input.rank());
  const int64_t diagonal = context.node().int_attribute("k", 0);
  const DataType type = type_attribute(context.node(), "dtype", input.type());
  Tensor& output = context.make_output(0, type, input.dims());
  dispatch<Join<Numbers, Elements<bool>>>(type, [&]<typename T>(ElementType<T>) {
    T* out = output.data<T>().data();
    for (int64_t row = 0; row < output.dim(0); ++row)
      for (int64_t column = 0; column < output.dim(1); ++column)
        *out++ = static_cast<T>(column - row == diagonal ? 1 : 0);
  });
}

// ---- Trilu ----

void infer_trilu(InferenceContext& context) {
  infer_like_first_input(context);
  if (const auto& shape = context.input_shape(0); shape && shape->size() < 2)
    fail(ErrorCode::kInvalidModel, "the input has rank {}, but matrices were expected", shape->size());
}

int64_t first_diagonal(const KernelContext& context) {
  if (!context.has_input(1)) return 0;
  const std::vector<int64_t> k = read_integers(context.input(1), "k");
  if (k.size() != 1) fail(ErrorCode::kInvalidArgument, "k has {} elements, but one was expected", k.size());
  return k.front();
}

void compute_trilu(KernelContext& context) {
  const Tensor& input = context.input(0);
  if (input.rank() < 2)
    fail(ErrorCode::kInvalidModel, "the input has rank {}, but matrices were expected", input.rank());
  const int64_t diagonal = first_diagonal(context);
  const bool upper = context.node().int_attribute("upper", 1) != 0;
  Tensor& output = context.make_output(0, input.type(), input.dims());
  clear_elements(output);
  if (output.empty()) return;
  const ElementMover mover(input, output);
  const int64_t rows = input.dim(input.rank() - 2), columns = input.dim(input.rank() - 1);
  for (int64_t start = 0; start < input.count(); start += columns) {
    const int64_t row = start / columns % rows;
    // Where the diagonal meets the row; k may be far outside the matrix.
    const int64_t meeting = std::clamp<int64_t>(diagonal, -rows, columns) + row;
    const int64_t begin = upper ? std::clamp<int64_t>(meeting, 0, columns) : 0;
    const int64_t end = upper ? columns : std::clamp<int64_t>(meeting + 1, 0, columns);
    mover.move(start + begin, start + begin, end - begin);
  }
}

}  // namespace

void register_triangle(Registry& registry) {
  using Kind = Attribute::Kind;
  constexpr TypeSet kTypes = kNumbers | TypeSet{DataType::kBool};
  registry.add({.name = "EyeLike",
                .since_version = 22,
                .inputs = {{"input", "T1"}},
                .outputs = {{"output", "T2"}},
                .attributes = {{"dtype", Kind::kInt}, {"k", Kind::kInt}},
                .type_constraints = {{"T1", kTypes}, {"T2", kTypes}},
                .infer = infer_eye_like,
                .compute = compute_eye_like});
  registry.add({.name = "Trilu",
                .since_version = 14,
                .inputs = {{"input", "T"}, {"k", "tensor(int64)", Arity::kOptional}},
                .outputs = {{"output", "T"}},
                .attributes = {{"upper", Kind::kInt}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer_trilu,
                .compute = compute_trilu});
}

}  // namespace slipway::ops
