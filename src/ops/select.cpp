// NonZero and Compress: how many elements come out depends on the values that go in.
#include <algorithm>

#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/element_mover.hpp"
#include "ops/index_walk.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

using Movable = Join<Numbers, Elements<bool, Text, std::complex<float>, std::complex<double>>>;

// ---- NonZero ----

void infer_non_zero(InferenceContext& context) {
  const auto& shape = context.input_shape(0);
  const Dim rank = shape ? Dim(static_cast<int64_t>(shape->size())) : Dim();
  context.set_output_type(0, Type::tensor(DataType::kInt64, Shape{rank, Dim()}));
}

template <typename T>
bool is_non_zero(const T& value) {
  if constexpr (std::is_same_v<T, Text>)
    return !value.empty();
  else
    return value != T{};
}
template <SmallFloatKind K, typename Bits>
bool is_non_zero(SmallFloat<K, Bits> value) {
  return to_exact(value) != 0;
}

// A list for each axis: first how many there are, then, row by row, where.
void compute_non_zero(KernelContext& context) {
  const Tensor& input = context.input(0);
  const size_t rank = input.rank();
  dispatch<Movable>(input.type(), [&]<typename T>(ElementType<T>) {
    const auto values = input.data<T>();
    const int64_t count =
        std::count_if(values.begin(), values.end(), [](const T& value) { return is_non_zero(value); });
    const auto out = context.make_output(0, DataType::kInt64, {static_cast<int64_t>(rank), count})
                         .template data<int64_t>();
    if (rank == 0 || count == 0) return;
    const Dims outer(input.dims().begin(), input.dims().end() - 1);
    const T* next = values.data();
    int64_t* last_axis = out.data() + static_cast<int64_t>(rank - 1) * count;
    int64_t found = 0;
    for (IndexWalk row(outer); !row.done(); row.next()) {
      const int64_t before = found;
      for (int64_t i = 0; i < input.dims().back(); ++i)
        if (is_non_zero(*next++)) last_axis[found++] = i;
      for (size_t axis = 0; axis + 1 < rank; ++axis)
        std::fill(out.data() + static_cast<int64_t>(axis) * count + before,
                  out.data() + static_cast<int64_t>(axis) * count + found, row.index()[axis]);
    }
  });
}

// ---- Compress ----

// Without an axis the input is seen as a list.
bool has_axis(const Node& node) {
  return node.find_attribute("axis") != nullptr;
}

void infer_compress(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  if (!has_axis(context.node())) return context.set_output_type(0, Type::tensor(type, Shape(1)));
  std::optional<Shape> shape = context.input_shape(0);
  if (shape) (*shape)[normalize_axis(context.node().int_attribute("axis", 0), shape->size())] = Dim();
  context.set_output_type(0, Type::tensor(type, shape));
}

CountedVector<int64_t> chosen_rows(const Tensor& condition, int64_t size) {
  if (condition.rank() != 1)
    fail(ErrorCode::kInvalidArgument, "the condition is {}, but a list was expected", condition.describe());
  CountedVector<int64_t> rows;
  const auto chosen = condition.data<bool>();
  for (size_t i = 0; i < chosen.size(); ++i)
    if (chosen[i]) rows.push_back(static_cast<int64_t>(i));
  if (!rows.empty() && rows.back() >= size)
    fail(ErrorCode::kInvalidArgument, "the condition chooses row {}, but there are {}", rows.back(), size);
  return rows;
}

void compute_compress(KernelContext& context) {
  const Tensor& given = context.input(0);
  const bool along_axis = has_axis(context.node());
  const Tensor input = along_axis ? given : given.reshaped({given.count()});
  const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), input.rank());
  const AxisSplit split = split_at(input.dims(), axis);
  const CountedVector<int64_t> rows = chosen_rows(context.input(1), split.size);
  Dims dims = input.dims();
  dims[axis] = static_cast<int64_t>(rows.size());
  Tensor& output = context.make_output(0, input.type(), dims);
  const ElementMover mover(input, output);
  int64_t target = 0;
  for (int64_t outer = 0; outer < split.outer; ++outer)
    for (int64_t row : rows) {
      mover.move((outer * split.size + row) * split.inner, target, split.inner);
      target += split.inner;
    }
}

}  // namespace

void register_select(Registry& registry) {
  registry.add({.name = "NonZero",
                .since_version = 13,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "tensor(int64)"}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer_non_zero,
                .compute = compute_non_zero});
  registry.add({.name = "Compress",
                .since_version = 11,
                .inputs = {{"input", "T"}, {"condition", "T1"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"axis", Attribute::Kind::kInt}},
                .type_constraints = {{"T", kMovable}, {"T1", {DataType::kBool}}},
                .infer = infer_compress,
                .compute = compute_compress});
}

}  // namespace slipway::ops
