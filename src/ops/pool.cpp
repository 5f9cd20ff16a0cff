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
int64_t stored_index(int64_t offset, const Dims& in, int64_t first, bool column_major) {
  if (!column_major) return first + offset;
  int64_t index = 0, stride = 1;
  for (size_t axis = 2; axis < in.size(); ++axis) stride *= in[axis];
  for (size_t axis = in.size(); axis-- > 2;) {
    stride /= in[axis];
    index += offset % in[axis] * stride;
    offset /= in[axis];
  }
  return first + index;
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
  WindowWalk taps(window, input.dims());
  for (int64_t p = 0; p < out[0] * out[1]; ++p, in += plane) {
    for (IndexWalk walk(plane_out); !walk.done(); walk.next()) {
      T largest = smallest<T>();
      int64_t place = -1;
      taps.move_to(walk.index());
      taps.visit([&](int64_t offset, int64_t) {
        if (place >= 0 && !is_greater(in[offset], largest)) return;
        largest = in[offset];
        place = offset;
      });
      *to++ = largest;
      if (indices)
        *indices++ = place < 0 ? place : stored_index(place, input.dims(), p * plane, column_major);
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
  WindowWalk taps(window, input.dims());
  for (int64_t p = 0; p < out[0] * out[1]; ++p, in += plane) {
    for (IndexWalk walk(plane_out); !walk.done(); walk.next()) {
      double sum = 0.0;
      double inside = 0;
      taps.move_to(walk.index());
      taps.visit([&](int64_t offset, int64_t) {
        sum += static_cast<double>(to_exact(in[offset]));
        ++inside;
      });
      const double average = sum / (count_padding ? taps.padded() : inside);
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
