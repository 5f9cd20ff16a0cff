// OneHot: for each index a line of `depth` elements, one of them on and the others off.
#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/cast.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

template <typename Size>
std::vector<Size> with_depth(std::vector<Size> dims, size_t axis, const Size& depth) {
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), depth);
  return dims;
}

size_t axis_of(const Node& node, size_t rank) {
  return normalize_axis(node.int_attribute("axis", -1), rank + 1);
}

int64_t read_depth(const Tensor& depth) {
  if (depth.count() != 1)
    fail(ErrorCode::kInvalidArgument, "the depth is {}, but a scalar was expected", depth.describe());
  const int64_t count = cast_elements(depth, DataType::kInt64).data<int64_t>()[0];
  if (count < 0) fail(ErrorCode::kInvalidArgument, "the depth is {}, but 0 or more was expected", count);
  return count;
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(2);
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(type));
  Dim depth;
  if (const Tensor* constant = context.input_constant(1))
    depth = read_depth(*constant);
  else if (const auto elements = context.input_elements(1); elements && elements->size() == 1)
    depth = elements->front();
  context.set_output_type(
      0, Type::tensor(type, with_depth(*shape, axis_of(context.node(), shape->size()), depth)));
}

void compute(KernelContext& context) {
  const Tensor indices = cast_elements(context.input(0), DataType::kInt64);
  const int64_t depth = read_depth(context.input(1));
  const Tensor& values = context.input(2);
  if (values.dims() != Dims{2})
    fail(ErrorCode::kInvalidArgument, "the values are {}, but two were expected: off and on",
         values.describe());
  const size_t axis = axis_of(context.node(), indices.rank());
  Tensor& output = context.make_output(0, values.type(), with_depth(indices.dims(), axis, depth));
  if (output.empty()) return;
  const ElementMover mover(values, output);
  mover.fill(0, 0, output.count());
  const AxisSplit split = split_at(output.dims(), axis);
  const int64_t* index = indices.data<int64_t>().data();
  for_each_line(split, [&](int64_t first) {
    const int64_t place = *index < 0 ? *index + depth : *index;
    ++index;
    if (place >= 0 && place < depth) mover.move(1, first + place * split.inner);
  });
}

constexpr TypeSet kIndices = kIeeeFloats | kIntegers;

}  // namespace

void register_one_hot(Registry& registry) {
  registry.add({.name = "OneHot",
                .since_version = 11,
                .inputs = {{"indices", "T1"}, {"depth", "T2"}, {"values", "T3"}},
                .outputs = {{"output", "T3"}},
                .attributes = {{"axis", Attribute::Kind::kInt}},
                .type_constraints = {{"T1", kIndices}, {"T2", kIndices}, {"T3", kMovable}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
