// MaxPool, AveragePool, GlobalMaxPool and GlobalAveragePool over any number of spatial axes.
#include <cmath>
#include <limits>

#include "ops/element_dispatch.hpp"
#include "ops/pooling.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

using MaxPoolTypes = Join<Floats, Elements<int8_t, uint8_t>>;

// MaxPool's Indices count through the whole tensor, the plane in row- or column-major order.
int64_t stored_index(const Dims& places, const Dims& in, int64_t plane_index, bool column_major) {
  int64_t index = 0, size = 1;
  for (size_t axis = 0; axis < places.size(); ++axis) size *= in[axis + 2];
  if (column_major) {
    for (size_t axis = places.size(); axis-- > 0;) index = index * in[axis + 2] + places[axis];
  } else {
    for (size_t axis = 0; axis < places.size(); ++axis) index = index * in[axis + 2] + places[axis];
  }
  return plane_index * size + index;
}

template <typename T>
bool is_greater(T candidate, T largest) {
  if constexpr (!std::is_integral_v<T>) {
    const double a = static_cast<double>(to_exact(candidate));
    const double b = static_cast<double>(to_exact(largest));
    return a > b || (std::isnan(a) && !std::isnan(b));
  } else {
    return candidate > largest;
  }
}

template <typename T>
T smallest() {
  if constexpr (std::is_integral_v<T>) {
    return std::numeric_limits<T>::lowest();
  } else {
    return static_cast<T>(-std::numeric_limits<double>::infinity());
  }
}

template <typename T>
void pool_max(KernelContext& context, const Window& window, const Dims& out) {
  const Tensor& input = context.input(0);
  const Dims plane_out(out.begin() + 2, out.end());
  const int64_t plane = element_count(Dims(input.dims().begin() + 2, input.dims().end()));
  const bool column_major = context.node().int_attribute("storage_order", 0) != 0;
  const T* in = input.data<T>().data();
  T* to = context.make_output(0, input.type(), out).template data<T>().data();
  int64_t* indices = context.wants_output(1)
                         ? context.make_output(1, DataType::kInt64, out).data<int64_t>().data()
                         : nullptr;
  for (int64_t p = 0; p < out[0] * out[1]; ++p, in += plane) {
    for (IndexWalk walk(plane_out); !walk.done(); walk.next()) {
      T largest = smallest<T>();
      int64_t index = -1;
      visit_window(window, input.dims(), walk.index(), [&](int64_t offset, const Dims& places) {
        if (index >= 0 && !is_greater(in[offset], largest)) return;
        largest = in[offset];
        index = stored_index(places, input.dims(), p, column_major);
      });
      *to++ = largest;
      if (indices) *indices++ = index;
    }
  }
}

template <typename T>
void pool_average(KernelContext& context, const Window& window, const Dims& out) {
  const Tensor& input = context.input(0);
  const Dims plane_out(out.begin() + 2, out.end());
  const int64_t plane = element_count(Dims(input.dims().begin() + 2, input.dims().end()));
  const bool count_padding = context.node().int_attribute("count_include_pad", 0) != 0;
  const T* in = input.data<T>().data();
  T* to = context.make_output(0, input.type(), out).template data<T>().data();
  for (int64_t p = 0; p < out[0] * out[1]; ++p, in += plane) {
    for (IndexWalk walk(plane_out); !walk.done(); walk.next()) {
      double sum = 0.0;
      double inside = 0;
      const double padded =
          visit_window(window, input.dims(), walk.index(), [&](int64_t offset, const Dims&) {
            sum += static_cast<double>(to_exact(in[offset]));
            ++inside;
          });
      const double average = sum / (count_padding ? padded : inside);
      *to++ = static_cast<T>(average);
    }
  }
}

void compute_max_pool(KernelContext& context) {
  const Dims& in = context.input(0).dims();
  const Window window = window_of(context.node(), in, {});
  const Dims out = pooled_dims(context.node(), in, window);
  dispatch<MaxPoolTypes>(context.input(0).type(),
                         [&]<typename T>(ElementType<T>) { pool_max<T>(context, window, out); });
}

void compute_average_pool(KernelContext& context) {
  const Dims& in = context.input(0).dims();
  const Window window = window_of(context.node(), in, {});
  const Dims out = pooled_dims(context.node(), in, window);
  dispatch<Floats>(context.input(0).type(),
                   [&]<typename T>(ElementType<T>) { pool_average<T>(context, window, out); });
}

void compute_global_max_pool(KernelContext& context) {
  const Dims& in = context.input(0).dims();
  const Window window = global_window(in);
  dispatch<Floats>(context.input(0).type(), [&]<typename T>(ElementType<T>) {
    pool_max<T>(context, window, globally_pooled_dims(in));
  });
}

void compute_global_average_pool(KernelContext& context) {
  const Dims& in = context.input(0).dims();
  const Window window = global_window(in);
  dispatch<Floats>(context.input(0).type(), [&]<typename T>(ElementType<T>) {
    pool_average<T>(context, window, globally_pooled_dims(in));
  });
}

}  // namespace

void register_pool(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "MaxPool",
                .since_version = 22,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"}, {"Indices", "I", Arity::kOptional}},
                .attributes = {{"auto_pad", Kind::kString},
                               {"ceil_mode", Kind::kInt},
                               {"dilations", Kind::kInts},
                               {"kernel_shape", Kind::kInts, true},
                               {"pads", Kind::kInts},
                               {"storage_order", Kind::kInt},
                               {"strides", Kind::kInts}},
                .type_constraints = {{"T", kFloats | TypeSet{DataType::kInt8, DataType::kUint8}},
                                     {"I", {DataType::kInt64}}},
                .infer = infer_pool,
                .compute = compute_max_pool,
                .footprint = pool_footprint});
  registry.add({.name = "AveragePool",
                .since_version = 22,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"auto_pad", Kind::kString},
                               {"ceil_mode", Kind::kInt},
                               {"count_include_pad", Kind::kInt},
                               {"dilations", Kind::kInts},
                               {"kernel_shape", Kind::kInts, true},
                               {"pads", Kind::kInts},
                               {"strides", Kind::kInts}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer_pool,
                .compute = compute_average_pool,
                .footprint = pool_footprint});
  registry.add({.name = "GlobalMaxPool",
                .since_version = 22,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"}},
                .attributes = {},
                .type_constraints = {{"T", kFloats}},
                .infer = infer_global_pool,
                .compute = compute_global_max_pool});
  registry.add({.name = "GlobalAveragePool",
                .since_version = 22,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"}},
                .attributes = {},
                .type_constraints = {{"T", kFloats}},
                .infer = infer_global_pool,
                .compute = compute_global_average_pool});
}

}  // namespace slipway::ops
