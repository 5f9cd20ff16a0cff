// MaxPool, AveragePool, GlobalMaxPool and GlobalAveragePool over any number of spatial axes.
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/index_walk.hpp"
#include "ops/registry.hpp"
#include "ops/window.hpp"

namespace slipway::ops {
namespace {

using MaxPoolTypes = Join<Floats, Elements<int8_t, uint8_t>>;

bool rounds_up(const Node& node) {
  return node.int_attribute("ceil_mode", 0) != 0;
}

void infer_pool(InferenceContext& context) {
  const auto& input = context.input_shape(0);
  std::optional<Shape> out;
  if (input) {
    Dims sizes;
    for (const Dim& dim : *input) sizes.push_back(dim.is_known() ? dim.value() : int64_t{1} << 40);
    const Window window = window_of(context.node(), sizes, {});
    out = Shape{(*input)[0], (*input)[1]};
    for (size_t axis = 0; axis < window.kernel.size(); ++axis)
      out->push_back(window.output_dim(axis, (*input)[axis + 2], rounds_up(context.node())));
  }
  context.set_output_type(0, Type::tensor(context.input_element_type(0), out));
  if (context.output_count() > 1 && context.node().output(1))
    context.set_output_type(1, Type::tensor(DataType::kInt64, out));
}

void infer_global_pool(InferenceContext& context) {
  const auto& input = context.input_shape(0);
  std::optional<Shape> out;
  if (input) {
    if (input->size() < 3)
      fail(ErrorCode::kInvalidModel, "the input {} has no spatial axis", to_string(*input));
    out = Shape(input->size(), Dim(1));
    (*out)[0] = (*input)[0], (*out)[1] = (*input)[1];
  }
  context.set_output_type(0, Type::tensor(context.input_element_type(0), out));
}

Dims output_dims(const Node& node, const Dims& in, const Window& window) {
  Dims out{in[0], in[1]};
  for (size_t axis = 0; axis < window.kernel.size(); ++axis)
    out.push_back(window.output_size(axis, in[axis + 2], rounds_up(node)));
  return out;
}

// Calls visit(offset in the plane, index in the plane) for each place of the window that lies inside of the
// image, and counts those that lie inside of the image or its padding.
template <typename Visit>
int64_t visit_window(const Window& window, const Dims& in, const Dims& at, Visit&& visit) {
  int64_t padded = 0;
  for (IndexWalk tap(window.kernel); !tap.done(); tap.next()) {
    bool inside = true, in_padding = true;
    int64_t offset = 0;
    Dims places(at.size());
    for (size_t axis = 0; axis < at.size(); ++axis) {
      const int64_t place = at[axis] * window.strides[axis] - window.pads_begin[axis] +
                            tap.index()[axis] * window.dilations[axis];
      inside = inside && place >= 0 && place < in[axis + 2];
      in_padding = in_padding && place < in[axis + 2] + window.pads_end[axis];
      offset = offset * in[axis + 2] + place;
      places[axis] = place;
    }
    padded += in_padding;
    if (inside) visit(offset, places);
  }
  return padded;
}

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
      int64_t inside = 0;
      const int64_t padded =
          visit_window(window, input.dims(), walk.index(), [&](int64_t offset, const Dims&) {
            sum += static_cast<double>(to_exact(in[offset]));
            ++inside;
          });
      const double average = sum / static_cast<double>(count_padding ? padded : inside);
      *to++ = static_cast<T>(average);
    }
  }
}

void compute_max_pool(KernelContext& context) {
  const Dims& in = context.input(0).dims();
  const Window window = window_of(context.node(), in, {});
  const Dims out = output_dims(context.node(), in, window);
  dispatch<MaxPoolTypes>(context.input(0).type(),
                         [&]<typename T>(ElementType<T>) { pool_max<T>(context, window, out); });
}

void compute_average_pool(KernelContext& context) {
  const Dims& in = context.input(0).dims();
  const Window window = window_of(context.node(), in, {});
  const Dims out = output_dims(context.node(), in, window);
  dispatch<Floats>(context.input(0).type(),
                   [&]<typename T>(ElementType<T>) { pool_average<T>(context, window, out); });
}

// The window that covers the whole plane.
Window global_window(const Dims& in) {
  if (in.size() < 3) fail(ErrorCode::kInvalidModel, "the input {} has no spatial axis", to_string(in));
  const size_t count = in.size() - 2;
  Window window;
  window.kernel.assign(in.begin() + 2, in.end());
  window.strides.assign(count, 1), window.dilations.assign(count, 1);
  window.pads_begin.assign(count, 0), window.pads_end.assign(count, 0);
  return window;
}

Dims global_output(const Dims& in) {
  Dims out(in.size(), 1);
  out[0] = in[0], out[1] = in[1];
  return out;
}

void compute_global_max_pool(KernelContext& context) {
  const Dims& in = context.input(0).dims();
  const Window window = global_window(in);
  dispatch<Floats>(context.input(0).type(),
                   [&]<typename T>(ElementType<T>) { pool_max<T>(context, window, global_output(in)); });
}

void compute_global_average_pool(KernelContext& context) {
  const Dims& in = context.input(0).dims();
  const Window window = global_window(in);
  dispatch<Floats>(context.input(0).type(),
                   [&]<typename T>(ElementType<T>) { pool_average<T>(context, window, global_output(in)); });
}

Region pool_footprint(const ShapeContext& context, size_t, const Region& region) {
  const Dims& dims = context.inputs[0];
  const Window window = window_of(context.node, dims, {});
  Region needed{region[0], region[1]};
  for (size_t axis = 0; axis < window.kernel.size(); ++axis)
    needed.push_back(footprint_window(region[axis + 2], dims[axis + 2], window.kernel[axis],
                                      window.strides[axis], window.dilations[axis], window.pads_begin[axis]));
  return needed;
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
