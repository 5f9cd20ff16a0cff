// CenterCropPad: axes are cut or padded with zeros to a size, evenly on both sides.
#include <algorithm>

#include "base/error.hpp"
#include "ops/axes_split.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// All axes unless stated.
std::vector<size_t> axes_of(const Node& node, size_t rank) {
  std::vector<size_t> axes;
  if (!node.find_attribute("axes")) {
    for (size_t axis = 0; axis < rank; ++axis) axes.push_back(axis);
    return axes;
  }
  const std::vector<int64_t> stated = node.ints_attribute("axes", {});
  named_axes(stated, rank);
  for (int64_t axis : stated) axes.push_back(normalize_axis(axis, rank));
  return axes;
}

template <typename Size>
std::vector<Size> resized(std::vector<Size> dims, const std::vector<size_t>& axes,
                          const std::vector<Size>& sizes) {
  if (axes.size() != sizes.size())
    fail(ErrorCode::kInvalidArgument, "{} sizes were given for {} axes", sizes.size(), axes.size());
  for (size_t i = 0; i < axes.size(); ++i) dims[axes[i]] = sizes[i];
  return dims;
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(type));
  const std::vector<size_t> axes = axes_of(context.node(), shape->size());
  const auto sizes = context.input_elements(1);
  context.set_output_type(0, Type::tensor(type, resized(*shape, axes, sizes.value_or(Shape(axes.size())))));
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  const std::vector<int64_t> sizes = read_integers(context.input(1), "the shape");
  const Dims dims = resized(input.dims(), axes_of(context.node(), input.rank()), sizes);
  Tensor& output = context.make_output(0, input.type(), dims);
  clear_elements(output);
  if (output.empty() || input.empty()) return;
  // What both have, and where it starts in each: of an odd rest, the smaller half lies in front.
  Dims common(dims.size());
  const Dims from = contiguous_strides(input.dims()), to = contiguous_strides(dims);
  int64_t source = 0, target = 0;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    common[axis] = std::min(input.dim(axis), dims[axis]);
    source += (input.dim(axis) - common[axis]) / 2 * from[axis];
    target += (dims[axis] - common[axis]) / 2 * to[axis];
  }
  const ElementMover mover(input, output);
  StridedWalk<2> at(common, {from, to}, {source, target});
  for (int64_t i = element_count(common); i > 0; --i, at.next()) mover.move(at[0], at[1]);
}

}  // namespace

void register_center_crop_pad(Registry& registry) {
  registry.add({.name = "CenterCropPad",
                .since_version = 18,
                .inputs = {{"input_data", "T"}, {"shape", "Tind"}},
                .outputs = {{"output_data", "T"}},
                .attributes = {{"axes", Attribute::Kind::kInts}},
                .type_constraints = {{"T", kMovable}, {"Tind", {DataType::kInt32, DataType::kInt64}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
