// ArgMax, ArgMin and TopK: where along an axis the greatest or the least elements are. NaN counts as greater
// than any number in TopK, as a sort has it; ArgMax and ArgMin find NaN before any number, as NumPy does.
#include <algorithm>
#include <functional>
#include <numeric>

#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

template <typename E>
bool is_nan(E x) {
  return x != x;
}

// The exact values of one line.
template <typename T>
void read_line(std::span<const T> in, int64_t first, int64_t step, CountedVector<ExactType<T>>& line) {
  for (size_t i = 0; i < line.size(); ++i)
    line[i] = to_exact(in[static_cast<size_t>(first + static_cast<int64_t>(i) * step)]);
}

// ---- ArgMax, ArgMin ----

template <typename Size>
std::vector<Size> without_axis(std::vector<Size> dims, const Node& node, size_t axis) {
  if (node.int_attribute("keepdims", 1) != 0)
    dims[axis] = 1;
  else
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
  return dims;
}

void infer_arg(InferenceContext& context) {
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(DataType::kInt64));
  const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), shape->size());
  context.set_output_type(0, Type::tensor(DataType::kInt64, without_axis(*shape, context.node(), axis)));
}

template <typename E, typename Before>
int64_t find_first(const CountedVector<E>& line, bool last_of_equals, Before before) {
  size_t best = 0;
  for (size_t i = 1; i < line.size() && (last_of_equals || !is_nan(line[best])); ++i) {
    const bool wins = is_nan(line[i]) || before(line[i], line[best]);
    const bool draws = last_of_equals && line[i] == line[best];
    if (wins || draws) best = i;
  }
  return static_cast<int64_t>(best);
}

template <typename Before>
void compute_arg(KernelContext& context) {
  const Tensor& data = context.input(0);
  const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), data.rank());
  const bool last_of_equals = context.node().int_attribute("select_last_index", 0) != 0;
  Tensor& output = context.make_output(0, DataType::kInt64, without_axis(data.dims(), context.node(), axis));
  if (output.empty()) return;
  const AxisSplit split = split_at(data.dims(), axis);
  if (split.size == 0)
    fail(ErrorCode::kInvalidArgument, "axis {} of {} is empty: it has no greatest or least element", axis,
         data.describe());
  dispatch<Numbers>(data.type(), [&]<typename T>(ElementType<T>) {
    CountedVector<ExactType<T>> line(static_cast<size_t>(split.size));
    auto result = output.data<int64_t>().begin();
    for_each_line(split, [&](int64_t first) {
      read_line(data.data<T>(), first, split.inner, line);
      *result++ = find_first(line, last_of_equals, Before());
    });
  });
}

Operator arg_operator(std::string_view name, void (*compute)(KernelContext&)) {
  using Kind = Attribute::Kind;
  return {.name = name,
          .since_version = 13,
          .inputs = {{"data", "T"}},
          .outputs = {{"reduced", "tensor(int64)"}},
          .attributes = {{"axis", Kind::kInt}, {"keepdims", Kind::kInt}, {"select_last_index", Kind::kInt}},
          .type_constraints = {{"T", kNumbers}},
          .infer = infer_arg,
          .compute = compute};
}

// ---- TopK ----

void infer_top_k(InferenceContext& context) {
  std::optional<Shape> shape = context.input_shape(0);
  if (shape) {
    const size_t axis = normalize_axis(context.node().int_attribute("axis", -1), shape->size());
    const auto count = context.input_elements(1);
    (*shape)[axis] = count && count->size() == 1 ? count->front() : Dim();
  }
  if (context.node().output(0))
    context.set_output_type(0, Type::tensor(context.input_element_type(0), shape));
  if (context.node().output(1)) context.set_output_type(1, Type::tensor(DataType::kInt64, shape));
}

int64_t wanted_count(const Tensor& k, int64_t available) {
  const std::vector<int64_t> count = read_integers(k, "K");
  if (count.size() != 1)
    fail(ErrorCode::kInvalidArgument, "K has {} elements, but one was expected", count.size());
  if (count.front() < 0 || count.front() > available)
    fail(ErrorCode::kInvalidArgument, "K is {}, but the axis has {} elements", count.front(), available);
  return count.front();
}

// NaN is greater than all numbers.
template <typename E>
bool is_less(E a, E b) {
  return a < b || (is_nan(b) && !is_nan(a));
}

// The first `count` places of the line's elements when these are sorted; of equal ones the first one first.
template <typename E>
void sort_places(const CountedVector<E>& line, bool largest, int64_t count, CountedVector<int64_t>& places) {
  std::iota(places.begin(), places.end(), int64_t{0});
  std::partial_sort(places.begin(), places.begin() + count, places.end(), [&](int64_t a, int64_t b) {
    const E x = line[static_cast<size_t>(a)], y = line[static_cast<size_t>(b)];
    if (is_less(x, y)) return !largest;
    if (is_less(y, x)) return largest;
    return a < b;
  });
}

// Sorted whether or not that is asked for: without it, any order is right.
void compute_top_k(KernelContext& context) {
  const Tensor& data = context.input(0);
  const size_t axis = normalize_axis(context.node().int_attribute("axis", -1), data.rank());
  const bool largest = context.node().int_attribute("largest", 1) != 0;
  const AxisSplit split = split_at(data.dims(), axis);
  const int64_t count = wanted_count(context.input(1), split.size);
  Dims dims = data.dims();
  dims[axis] = count;
  Tensor* values = context.wants_output(0) ? &context.make_output(0, data.type(), dims) : nullptr;
  Tensor* indices = context.wants_output(1) ? &context.make_output(1, DataType::kInt64, dims) : nullptr;
  if (element_count(dims) == 0) return;
  dispatch<Numbers>(data.type(), [&]<typename T>(ElementType<T>) {
    const auto in = data.data<T>();
    CountedVector<ExactType<T>> line(static_cast<size_t>(split.size));
    CountedVector<int64_t> places(line.size());
    for_each_line(split, [&](int64_t first) {
      read_line(in, first, split.inner, line);
      sort_places(line, largest, count, places);
      // The output's line starts where the input's does, but its blocks have `count` rows.
      const int64_t block = first / (split.size * split.inner), inner = first % split.inner;
      for (int64_t i = 0; i < count; ++i) {
        const int64_t place = places[static_cast<size_t>(i)];
        const auto target = static_cast<size_t>((block * count + i) * split.inner + inner);
        if (values) values->data<T>()[target] = in[static_cast<size_t>(first + place * split.inner)];
        if (indices) indices->data<int64_t>()[target] = place;
      }
    });
  });
}

}  // namespace

void register_top_k(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add(arg_operator("ArgMax", compute_arg<std::greater<>>));
  registry.add(arg_operator("ArgMin", compute_arg<std::less<>>));
  registry.add({.name = "TopK",
                .since_version = 24,
                .inputs = {{"X", "T"}, {"K", "tensor(int64)"}},
                .outputs = {{"Values", "T"}, {"Indices", "I"}},
                .attributes = {{"axis", Kind::kInt}, {"largest", Kind::kInt}, {"sorted", Kind::kInt}},
                .type_constraints = {{"T", kNumbers}, {"I", {DataType::kInt64}}},
                .infer = infer_top_k,
                .compute = compute_top_k});
}

}  // namespace slipway::ops
