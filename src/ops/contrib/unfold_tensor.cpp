// UnfoldTensor: windows of an axis, each moved into a new last axis, as PyTorch's Tensor.unfold.
#include "base/error.hpp"
#include "ops/axes_split.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

struct Windows {
  size_t axis;
  int64_t size, step;

  Dim count(const Dim& length) const {
    if (length.is_known() && length.value() < size)
      fail(ErrorCode::kInvalidModel, "attribute 'size' is {}, but axis {} has {} elements", size, axis,
           length.value());
    return floor_div(length - Dim(size), step) + Dim(1);
  }
};

Windows windows_of(const Node& node, size_t rank) {
  if (rank == 0) fail(ErrorCode::kInvalidModel, "the input has no axis to take windows of");
  const Windows windows{normalize_axis(node.int_attribute("dim", -1), rank), node.int_attribute("size", 0),
                        node.int_attribute("step", 1)};
  if (windows.size < 1 || windows.step < 1)
    fail(ErrorCode::kInvalidModel, "attributes 'size' and 'step' are {} and {}, but at least 1 is expected",
         windows.size, windows.step);
  return windows;
}

Shape unfolded(Shape shape, const Windows& windows) {
  shape[windows.axis] = windows.count(shape[windows.axis]);
  shape.push_back(windows.size);
  return shape;
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(type));
  context.set_output_type(0, Type::tensor(type, unfolded(*shape, windows_of(context.node(), shape->size()))));
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  const Windows windows = windows_of(context.node(), input.rank());
  const Dims dims = known_dims(unfolded({input.dims().begin(), input.dims().end()}, windows));
  Tensor& output = context.make_output(0, input.type(), dims);
  Dims strides = contiguous_strides(input.dims());
  strides.push_back(strides[windows.axis]);
  strides[windows.axis] *= dims[windows.axis] > 1 ? windows.step : 0;  // A lone window's step need not fit.
  const ElementMover mover(input, output);
  StridedWalk<1> from(dims, {strides});
  for (int64_t i = 0; i < output.count(); ++i, from.next()) mover.move(from[0], i);
}

}  // namespace

void register_unfold_tensor(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "UnfoldTensor",
                .domain = "com.microsoft",
                .inputs = {{"input", "T"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"dim", Kind::kInt}, {"size", Kind::kInt, true}, {"step", Kind::kInt}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
