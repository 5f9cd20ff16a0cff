// MaxUnpool: puts elements back to where MaxPool took them from; everything else is zero.
#include "base/error.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/index_walk.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"
#include "ops/window.hpp"

namespace slipway::ops {
namespace {

// Of the tensor that was pooled, as the window tells: the indices count through this one.
Shape pooled_from(const Node& node, const Shape& input) {
  const Window window = window_of(node, Dims(input.size(), 1), {});
  Shape shape{input[0], input[1]};
  for (size_t axis = 0; axis < window.kernel.size(); ++axis) {
    const Dim covered = window.spread_dim(axis, input[axis + 2], 0);
    const int64_t padding = window.pads_begin[axis] + window.pads_end[axis];
    if (covered.is_known() && covered.value() < padding)
      fail(ErrorCode::kInvalidModel,
           "pads of {} along spatial axis {} are more than the {} places that there are", padding, axis,
           covered.value());
    shape.push_back(covered - Dim(padding));
  }
  return shape;
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& input = context.input_shape(0);
  std::optional<Shape> shape;
  if (context.has_input(2)) {
    shape = context.input_elements(2);
    if (!shape && input) shape = Shape(input->size());
  } else if (input) {
    shape = pooled_from(context.node(), *input);
  }
  context.set_output_type(0, Type::tensor(type, std::move(shape)));
}

Dims stated_shape(const Tensor& tensor, size_t rank) {
  const Dims dims = read_integers(tensor, "the output's shape");
  bool fits = dims.size() == rank;
  for (const int64_t size : dims) fits = fits && size >= 0;
  if (!fits)
    fail(ErrorCode::kInvalidArgument, "the output's shape is {}, but {} sizes of at least 0 were expected",
         to_string(dims), rank);
  return dims;
}

// The place in `to` of element `index` of a tensor of shape `from`.
int64_t moved_index(int64_t index, const Dims& from, const Dims& to) {
  int64_t rest = index, moved = 0, stride = 1;
  bool fits = rest >= 0;
  for (size_t axis = from.size(); axis-- > 0 && fits;) {
    if (from[axis] == 0) break;
    const int64_t place = rest % from[axis];
    rest /= from[axis];
    fits = place < to[axis];
    moved += place * stride;
    stride *= to[axis];
  }
  if (!fits || rest != 0)
    fail(ErrorCode::kInvalidArgument, "index {} of a tensor of shape {} has no place in the output {}", index,
         to_string(from), to_string(to));
  return moved;
}

void compute(KernelContext& context) {
  const Tensor &input = context.input(0), &indices = context.input(1);
  if (indices.dims() != input.dims())
    fail(ErrorCode::kInvalidModel, "the indices have shape {}, but the input has {}",
         to_string(indices.dims()), to_string(input.dims()));
  const Dims from = known_dims(pooled_from(context.node(), shape_of(input)));
  const Dims to = context.has_input(2) ? stated_shape(context.input(2), from.size()) : from;
  dispatch<Floats>(input.type(), [&]<typename T>(ElementType<T>) {
    const auto out = context.make_output(0, input.type(), to).template data<T>();
    std::fill(out.begin(), out.end(), static_cast<T>(0.0));
    const auto elements = input.data<T>();
    const auto places = indices.data<int64_t>();
    for (size_t i = 0; i < elements.size(); ++i)
      out[static_cast<size_t>(moved_index(places[i], from, to))] = elements[i];
  });
}

}  // namespace

void register_max_unpool(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add(
      {.name = "MaxUnpool",
       .since_version = 22,
       .inputs = {{"X", "T1"}, {"I", "T2"}, {"output_shape", "T2", Arity::kOptional}},
       .outputs = {{"output", "T1"}},
       .attributes = {{"kernel_shape", Kind::kInts, true}, {"pads", Kind::kInts}, {"strides", Kind::kInts}},
       .type_constraints = {{"T1", kFloats}, {"T2", {DataType::kInt64}}},
       .infer = infer,
       .compute = compute});
}

}  // namespace slipway::ops
