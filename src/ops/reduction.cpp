// ReduceSum, ReduceMean, ReduceMax and the other reductions over axes.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "ops/axes_split.hpp"
#include "ops/cast.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// ---- Axes ----

// Says of each axis whether it is reduced. Absent axes are no axes, and no axes are all of them unless
// noop_with_empty_axes is set.
std::vector<bool> reduced_axes(const Node& node, const std::vector<int64_t>& axes, size_t rank) {
  if (axes.empty()) return std::vector<bool>(rank, node.int_attribute("noop_with_empty_axes", 0) == 0);
  return named_axes(axes, rank);
}

bool keeps_dims(const Node& node) {
  return node.int_attribute("keepdims", 1) != 0;
}

template <typename Size>
std::vector<Size> reduced_shape(const std::vector<Size>& dims, const std::vector<bool>& reduced, bool keep) {
  std::vector<Size> result;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (!reduced[axis])
      result.push_back(dims[axis]);
    else if (keep)
      result.push_back(1);
  }
  return result;
}

// ---- Inference ----

// The shape when the axes are only known at run time.
std::optional<Shape> shape_of_unknown_axes(const InferenceContext& context, size_t rank) {
  if (keeps_dims(context.node())) return Shape(rank);
  const auto& axes = context.input_shape(1);
  if (!axes || axes->size() != 1 || !axes->front().is_known() || axes->front().value() == 0) return {};
  const auto count = static_cast<uint64_t>(axes->front().value());
  if (count > rank) fail(ErrorCode::kInvalidModel, "{} axes were given for a tensor of rank {}", count, rank);
  return Shape(rank - count);
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(type));
  std::optional<std::vector<int64_t>> axes = std::vector<int64_t>{};
  if (context.has_input(1)) axes = context.input_integers(1, "the axes");
  if (!axes)
    return context.set_output_type(0, Type::tensor(type, shape_of_unknown_axes(context, shape->size())));
  const std::vector<bool> reduced = reduced_axes(context.node(), *axes, shape->size());
  context.set_output_type(0, Type::tensor(type, reduced_shape(*shape, reduced, keeps_dims(context.node()))));
}

// Follows the elements of a small list that becomes one number.
void infer_elements_of_list(InferenceContext& context, Dim (*combine)(const Dim& a, const Dim& b),
                            Dim start) {
  infer(context);
  const auto& shape = context.input_shape(0);
  const auto elements = context.input_elements(0);
  if (!elements || !shape || shape->size() != 1) return;
  if (context.has_input(1) || context.node().int_attribute("noop_with_empty_axes", 0) != 0) {
    const auto axes = context.has_input(1) ? context.input_integers(1, "the axes") : std::nullopt;
    if (!axes || axes->empty()) return;
  }
  for (const Dim& element : *elements) start = combine(start, element);
  context.set_output_elements(0, {start});
}

void infer_sum(InferenceContext& context) {
  infer_elements_of_list(context, [](const Dim& a, const Dim& b) { return a + b; }, 0);
}

void infer_prod(InferenceContext& context) {
  infer_elements_of_list(context, [](const Dim& a, const Dim& b) { return a * b; }, 1);
}

// ---- Lines of elements ----

// The type to calculate in; bools are counted as 0 and 1.
template <typename T>
using LineType = std::conditional_t<std::is_same_v<T, bool>, uint8_t, ExactType<T>>;

// Each element of output 0 is reduce(line) of the elements of input 0 that fall together.
template <typename List, typename Reduce>
void reduce_lines(KernelContext& context, Reduce reduce) {
  const Tensor& data = context.input(0);
  const std::vector<int64_t> axes =
      context.has_input(1) ? read_integers(context.input(1), "the axes") : std::vector<int64_t>{};
  const std::vector<bool> reduced = reduced_axes(context.node(), axes, data.rank());
  const AxesSplit split(data.dims(), reduced);
  Tensor& output =
      context.make_output(0, data.type(), reduced_shape(data.dims(), reduced, keeps_dims(context.node())));
  if (output.empty()) return;
  dispatch<List>(data.type(), [&]<typename T>(ElementType<T>) {
    const auto in = data.data<T>();
    CountedVector<LineType<T>> line(static_cast<size_t>(element_count(split.line_dims)));
    auto start = split.places(), place = split.line();
    for (T& result : output.data<T>()) {
      for (auto& element : line) {
        element = static_cast<LineType<T>>(to_exact(in[static_cast<size_t>(start[0] + place[0])]));
        place.next();
      }
      result = as_element<T>(reduce(std::span<const LineType<T>>(line)));
      start.next();
    }
  });
}

// ---- The reductions ----

template <typename E>
E sum(std::span<const E> line) {
  E total = 0;
  for (E x : line) total = wrapping_add(total, x);
  return total;
}

double mean(std::span<const double> line) {
  return sum(line) / static_cast<double>(line.size());
}

// Cut towards zero. Quotients and remainders are added up apart, so that no sum overflows.
template <std::integral E>
E mean(std::span<const E> line) {
  if (line.empty()) fail(ErrorCode::kInvalidArgument, "the mean of no integers is not defined");
  using Wide = std::conditional_t<std::is_signed_v<E>, int64_t, uint64_t>;
  const auto count = static_cast<Wide>(line.size());
  Wide quotient = 0, remainder = 0;
  for (E x : line) {
    quotient += static_cast<Wide>(x) / count;
    remainder += static_cast<Wide>(x) % count;
  }
  quotient += remainder / count;
  remainder %= count;
  if (quotient > 0 && remainder < 0) --quotient;
  if (quotient < 0 && remainder > 0) ++quotient;
  return static_cast<E>(quotient);
}

// NaN wins.
template <typename E>
E greatest(std::span<const E> line) {
  using Limits = std::numeric_limits<E>;
  E result = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  for (E x : line)
    if (x > result || x != x) result = x;
  return result;
}
template <typename E>
E least(std::span<const E> line) {
  using Limits = std::numeric_limits<E>;
  E result = Limits::has_infinity ? Limits::infinity() : Limits::max();
  for (E x : line)
    if (x < result || x != x) result = x;
  return result;
}

template <typename E>
E product(std::span<const E> line) {
  E total = 1;
  for (E x : line) total = wrapping_multiply(total, x);
  return total;
}

template <typename E>
E sum_of_magnitudes(std::span<const E> line) {
  E total = 0;
  for (E x : line) total = x < 0 ? wrapping_subtract(total, x) : wrapping_add(total, x);
  return total;
}

template <typename E>
E sum_of_squares(std::span<const E> line) {
  E total = 0;
  for (E x : line) total = wrapping_add(total, wrapping_multiply(x, x));
  return total;
}

template <typename E>
double euclidean_norm(std::span<const E> line) {
  double total = 0;
  for (E x : line) total += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(total);
}

template <typename E>
double log_of_sum(std::span<const E> line) {
  return std::log(static_cast<double>(sum(line)));
}

// By the greatest exponent, so that no exponential overflows.
template <typename E>
double log_of_exponentials(std::span<const E> line) {
  if (line.empty()) return -std::numeric_limits<double>::infinity();
  const auto highest = static_cast<double>(greatest(line));
  if (!std::isfinite(highest)) return highest;
  double total = 0;
  for (E x : line) total += std::exp(static_cast<double>(x) - highest);
  return std::log(total) + highest;
}

using Comparable = Join<WideNumbers, Elements<int8_t, uint8_t, bool>>;

void compute_sum(KernelContext& context) {
  reduce_lines<WideNumbers>(context, [](auto line) { return sum(line); });
}
void compute_mean(KernelContext& context) {
  reduce_lines<WideNumbers>(context, [](auto line) { return mean(line); });
}
void compute_max(KernelContext& context) {
  reduce_lines<Comparable>(context, [](auto line) { return greatest(line); });
}
void compute_min(KernelContext& context) {
  reduce_lines<Comparable>(context, [](auto line) { return least(line); });
}
void compute_prod(KernelContext& context) {
  reduce_lines<WideNumbers>(context, [](auto line) { return product(line); });
}
void compute_l1(KernelContext& context) {
  reduce_lines<WideNumbers>(context, [](auto line) { return sum_of_magnitudes(line); });
}
void compute_l2(KernelContext& context) {
  reduce_lines<WideNumbers>(context, [](auto line) { return euclidean_norm(line); });
}
void compute_log_sum(KernelContext& context) {
  reduce_lines<WideNumbers>(context, [](auto line) { return log_of_sum(line); });
}
void compute_log_sum_exp(KernelContext& context) {
  reduce_lines<WideNumbers>(context, [](auto line) { return log_of_exponentials(line); });
}
void compute_sum_square(KernelContext& context) {
  reduce_lines<WideNumbers>(context, [](auto line) { return sum_of_squares(line); });
}

double flops(const ShapeContext& context) {
  return static_cast<double>(element_count(context.inputs[0]));
}

constexpr TypeSet kComparable = kWideNumbers | TypeSet{DataType::kInt8, DataType::kUint8, DataType::kBool};

Operator reduction(std::string_view name, int since_version, void (*compute)(KernelContext&),
                   void (*infer_types)(InferenceContext&) = infer, TypeSet types = kWideNumbers) {
  using Kind = Attribute::Kind;
  return {.name = name,
          .since_version = since_version,
          .inputs = {{"data", "T"}, {"axes", "tensor(int64)", Arity::kOptional}},
          .outputs = {{"reduced", "T"}},
          .attributes = {{"keepdims", Kind::kInt}, {"noop_with_empty_axes", Kind::kInt}},
          .type_constraints = {{"T", types}},
          .infer = infer_types,
          .compute = compute,
          .flops = flops};
}

}  // namespace

void register_reduction(Registry& registry) {
  registry.add(reduction("ReduceSum", 13, compute_sum, infer_sum));
  registry.add(reduction("ReduceMean", 18, compute_mean));
  registry.add(reduction("ReduceMax", 20, compute_max, infer, kComparable));
  registry.add(reduction("ReduceMin", 20, compute_min, infer, kComparable));
  registry.add(reduction("ReduceProd", 18, compute_prod, infer_prod));
  registry.add(reduction("ReduceL1", 18, compute_l1));
  registry.add(reduction("ReduceL2", 18, compute_l2));
  registry.add(reduction("ReduceLogSum", 18, compute_log_sum));
  registry.add(reduction("ReduceLogSumExp", 18, compute_log_sum_exp));
  registry.add(reduction("ReduceSumSquare", 18, compute_sum_square));
}

}  // namespace slipway::ops
