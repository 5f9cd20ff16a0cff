// Unique: the different elements of a tensor, or its different slices along an axis; where each was first,
// which of them each input element is, and how often each occurs. NaN equals NaN.
#include <algorithm>
#include <numeric>
#include <type_traits>

#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

using Movable = Join<Numbers, Elements<bool, Text, std::complex<float>, std::complex<double>>>;

// ---- Order ----

// Below zero, zero, above zero. NaN is after all numbers.
template <typename T>
int compare(const T& a, const T& b) {
  if (a < b) return -1;
  if (b < a) return 1;
  return static_cast<int>(a != a) - static_cast<int>(b != b);
}
template <SmallFloatKind K, typename Bits>
int compare(SmallFloat<K, Bits> a, SmallFloat<K, Bits> b) {
  return compare(to_exact(a), to_exact(b));
}
template <typename R>
int compare(const std::complex<R>& a, const std::complex<R>& b) {
  const int real = compare(a.real(), b.real());
  return real != 0 ? real : compare(a.imag(), b.imag());
}

template <typename T>
int compare_slices(const T* data, const AxisSplit& split, int64_t a, int64_t b) {
  for (int64_t outer = 0; outer < split.outer; ++outer)
    for (int64_t inner = 0; inner < split.inner; ++inner) {
      const int64_t block = outer * split.size;
      const int order =
          compare(data[(block + a) * split.inner + inner], data[(block + b) * split.inner + inner]);
      if (order != 0) return order;
    }
  return 0;
}

// ---- Groups of equals ----

struct Groups {
  CountedVector<int64_t> first;   // of each group: its first slice
  CountedVector<int64_t> counts;  // of each group
  CountedVector<int64_t> of;      // of each slice: its group
};

// The slices in ascending order, equal ones in the order in which they come.
template <typename T>
CountedVector<int64_t> sorted_slices(const T* data, const AxisSplit& split) {
  CountedVector<int64_t> order(static_cast<size_t>(split.size));
  std::iota(order.begin(), order.end(), int64_t{0});
  if constexpr (std::is_arithmetic_v<T>)
    if (split.outer == 1 && split.inner == 1) {
      // Values by themselves: sorted beside their places, which is quicker than to look for them each time.
      CountedVector<std::pair<T, int64_t>> pairs;
      for (int64_t place : order) pairs.emplace_back(data[place], place);
      std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
        const int by_value = compare(a.first, b.first);
        return by_value != 0 ? by_value < 0 : a.second < b.second;
      });
      std::transform(pairs.begin(), pairs.end(), order.begin(), [](const auto& pair) { return pair.second; });
      return order;
    }
  // Not std::stable_sort, which takes memory of its own.
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    const int by_value = compare_slices(data, split, a, b);
    return by_value != 0 ? by_value < 0 : a < b;
  });
  return order;
}

Groups group_equals(const Tensor& input, const AxisSplit& split) {
  Groups groups;
  groups.of.resize(static_cast<size_t>(split.size));
  dispatch<Movable>(input.type(), [&]<typename T>(ElementType<T>) {
    const T* data = input.data<T>().data();
    const CountedVector<int64_t> order = sorted_slices(data, split);
    for (size_t i = 0; i < order.size(); ++i) {
      if (i == 0 || compare_slices(data, split, order[i - 1], order[i]) != 0) {
        groups.first.push_back(order[i]);
        groups.counts.push_back(0);
      }
      ++groups.counts.back();
      groups.of[static_cast<size_t>(order[i])] = static_cast<int64_t>(groups.first.size()) - 1;
    }
  });
  return groups;
}

// Brings the groups from ascending order into that in which they first occur.
Groups in_order_of_occurrence(const Groups& sorted) {
  CountedVector<size_t> order(sorted.first.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return sorted.first[a] < sorted.first[b]; });
  Groups result;
  CountedVector<int64_t> place(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    result.first.push_back(sorted.first[order[i]]);
    result.counts.push_back(sorted.counts[order[i]]);
    place[order[i]] = static_cast<int64_t>(i);
  }
  for (int64_t group : sorted.of) result.of.push_back(place[static_cast<size_t>(group)]);
  return result;
}

// ---- The operator ----

bool has_axis(const Node& node) {
  return node.find_attribute("axis") != nullptr;
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  std::optional<Shape> shape = Shape(1);
  if (has_axis(context.node())) {
    shape = context.input_shape(0);
    if (shape) (*shape)[normalize_axis(context.node().int_attribute("axis", 0), shape->size())] = Dim();
  }
  if (context.node().output(0)) context.set_output_type(0, Type::tensor(type, shape));
  for (size_t output = 1; output < context.output_count(); ++output)
    if (context.node().output(output))
      context.set_output_type(output, Type::tensor(DataType::kInt64, Shape(1)));
}

void write_list(KernelContext& context, size_t output, const CountedVector<int64_t>& values) {
  if (!context.wants_output(output)) return;
  Tensor& tensor = context.make_output(output, DataType::kInt64, {static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), tensor.data<int64_t>().begin());
}

void compute(KernelContext& context) {
  const Tensor& given = context.input(0);
  const Tensor input = has_axis(context.node()) ? given : given.reshaped({given.count()});
  const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), input.rank());
  const AxisSplit split = split_at(input.dims(), axis);
  Groups groups = group_equals(input, split);
  if (context.node().int_attribute("sorted", 1) == 0) groups = in_order_of_occurrence(groups);
  if (context.wants_output(0)) {
    Dims dims = input.dims();
    dims[axis] = static_cast<int64_t>(groups.first.size());
    Tensor& output = context.make_output(0, input.type(), dims);
    const ElementMover mover(input, output);
    int64_t target = 0;
    for (int64_t outer = 0; outer < split.outer; ++outer)
      for (int64_t slice : groups.first) {
        mover.move((outer * split.size + slice) * split.inner, target, split.inner);
        target += split.inner;
      }
  }
  write_list(context, 1, groups.first);
  write_list(context, 2, groups.of);
  write_list(context, 3, groups.counts);
}

}  // namespace

void register_unique(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "Unique",
                .since_version = 11,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"},
                            {"indices", "tensor(int64)", Arity::kOptional},
                            {"inverse_indices", "tensor(int64)", Arity::kOptional},
                            {"counts", "tensor(int64)", Arity::kOptional}},
                .attributes = {{"axis", Kind::kInt}, {"sorted", Kind::kInt}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
