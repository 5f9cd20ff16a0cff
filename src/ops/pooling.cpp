#include "ops/pooling.hpp"

#include "base/error.hpp"

namespace slipway::ops {
namespace {

bool rounds_up(const Node& node) {
  return node.int_attribute("ceil_mode", 0) != 0;
}

}  // namespace

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

Region pool_footprint(const ShapeContext& context, size_t, const Region& region) {
  const Dims& dims = context.inputs[0];
  const Window window = window_of(context.node, dims, {});
  Region needed{region[0], region[1]};
  for (size_t axis = 0; axis < window.kernel.size(); ++axis)
    needed.push_back(footprint_window(region[axis + 2], dims[axis + 2], window.kernel[axis],
                                      window.strides[axis], window.dilations[axis], window.pads_begin[axis]));
  return needed;
}

Dims pooled_dims(const Node& node, const Dims& in, const Window& window) {
  Dims out{in[0], in[1]};
  for (size_t axis = 0; axis < window.kernel.size(); ++axis)
    out.push_back(window.output_size(axis, in[axis + 2], rounds_up(node)));
  return out;
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

Dims globally_pooled_dims(const Dims& in) {
  Dims out(in.size(), 1);
  out[0] = in[0], out[1] = in[1];
  return out;
}

}  // namespace slipway::ops
