// ScatterElements and ScatterND: a copy of the data in which indexed elements or slices are replaced by
// updates, or combined with them. Where an index occurs twice, the updates take effect in their order.
#include <algorithm>

#include "base/error.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/element_mover.hpp"
#include "ops/indexed_places.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// ---- Combining ----

enum class Reduction { kNone, kAdd, kMul, kMax, kMin };

Reduction reduction_of(const Node& node) {
  constexpr std::pair<std::string_view, Reduction> kNames[] = {{"none", Reduction::kNone},
                                                               {"add", Reduction::kAdd},
                                                               {"mul", Reduction::kMul},
                                                               {"max", Reduction::kMax},
                                                               {"min", Reduction::kMin}};
  const std::string name = node.string_attribute("reduction", "none");
  for (const auto& [spelling, reduction] : kNames)
    if (name == spelling) return reduction;
  fail(ErrorCode::kInvalidModel, "reduction is '{}', but none, add, mul, max or min was expected", name);
}

// NaN wins.
template <typename E>
E combine(Reduction reduction, E a, E b) {
  switch (reduction) {
    case Reduction::kAdd:
      return wrapping_add(a, b);
    case Reduction::kMul:
      return wrapping_multiply(a, b);
    case Reduction::kMax:
      return a > b || a != a ? a : b;
    case Reduction::kMin:
      return a < b || a != a ? a : b;
    case Reduction::kNone:
      break;
  }
  return b;
}
bool combine(Reduction reduction, bool a, bool b) {
  return reduction == Reduction::kAdd || reduction == Reduction::kMax ? a || b : a && b;
}
template <typename R>
std::complex<R> combine(Reduction reduction, std::complex<R> a, std::complex<R> b) {
  if (reduction == Reduction::kAdd) return a + b;
  if (reduction == Reduction::kMul) return a * b;
  fail(ErrorCode::kUnsupported, "complex numbers have no order: reduction max or min cannot be done");
}

template <typename T>
T combine_elements(Reduction reduction, T a, T b) {
  return static_cast<T>(combine(reduction, to_exact(a), to_exact(b)));
}
template <typename R>
std::complex<R> combine_elements(Reduction reduction, std::complex<R> a, std::complex<R> b) {
  return combine(reduction, a, b);
}

using Combinable = Join<Numbers, Elements<bool, std::complex<float>, std::complex<double>>>;

// Slice i of the updates, of `size` elements, goes to places[i] of a copy of the data.
void scatter(KernelContext& context, const CountedVector<int64_t>& places, int64_t size) {
  const Tensor& data = context.input(0);
  const Tensor& updates = context.input(2);
  const Reduction reduction = reduction_of(context.node());
  Tensor& output = context.make_output(0, data.type(), data.dims());
  ElementMover(data, output).move(0, 0, data.count());
  if (reduction == Reduction::kNone) {
    const ElementMover mover(updates, output);
    for (size_t i = 0; i < places.size(); ++i) mover.move(static_cast<int64_t>(i) * size, places[i], size);
    return;
  }
  dispatch<Combinable>(data.type(), [&]<typename T>(ElementType<T>) {
    const T* from = updates.data<T>().data();
    T* to = output.data<T>().data();
    for (int64_t place : places)
      for (int64_t i = 0; i < size; ++i, ++from)
        to[place + i] = combine_elements(reduction, to[place + i], *from);
  });
}

void require_updates(const Tensor& updates, const Dims& dims) {
  if (updates.dims() != dims)
    fail(ErrorCode::kInvalidArgument, "the updates have shape {}, but {} was expected",
         to_string(updates.dims()), to_string(dims));
}

// ---- The operators ----

size_t axis_of(const Node& node, size_t rank) {
  return normalize_axis(node.int_attribute("axis", 0), rank);
}

void infer_scatter_elements(InferenceContext& context) {
  infer_like_first_input(context);
  reduction_of(context.node());
  if (const auto& shape = context.input_shape(0)) axis_of(context.node(), shape->size());
}

void compute_scatter_elements(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Tensor& indices = context.input(1);
  require_updates(context.input(2), indices.dims());
  scatter(context, places_along_axis(data.dims(), indices, axis_of(context.node(), data.rank())), 1);
}

void infer_scatter_nd(InferenceContext& context) {
  infer_like_first_input(context);
  reduction_of(context.node());
}

void compute_scatter_nd(KernelContext& context) {
  const Tensor& indices = context.input(1);
  const Slices slices = places_of_rows(context.input(0).dims(), indices, 0);
  Dims dims(indices.dims().begin(), indices.dims().end() - 1);
  dims.insert(dims.end(), slices.dims.begin(), slices.dims.end());
  require_updates(context.input(2), dims);
  scatter(context, slices.places, element_count(slices.dims));
}

}  // namespace

void register_scatter(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "ScatterElements",
                .since_version = 18,
                .inputs = {{"data", "T"}, {"indices", "Tind"}, {"updates", "T"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"axis", Kind::kInt}, {"reduction", Kind::kString}},
                .type_constraints = {{"T", kMovable}, {"Tind", {DataType::kInt32, DataType::kInt64}}},
                .infer = infer_scatter_elements,
                .compute = compute_scatter_elements});
  registry.add({.name = "ScatterND",
                .since_version = 18,
                .inputs = {{"data", "T"}, {"indices", "tensor(int64)"}, {"updates", "T"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"reduction", Kind::kString}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer_scatter_nd,
                .compute = compute_scatter_nd});
}

}  // namespace slipway::ops
