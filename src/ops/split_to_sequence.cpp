// SplitToSequence and ConcatFromSequence: a tensor to a sequence of its parts along an axis, and back.
#include "base/error.hpp"
#include "ops/join_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/tensor_part.hpp"

namespace slipway::ops {
namespace {

bool drops_axis(const Node& node) {
  return !node.input(1) && node.int_attribute("keepdims", 1) == 0;
}

void infer_split(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  std::optional<Shape> shape = context.input_shape(0);
  if (shape) {
    const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), shape->size());
    if (drops_axis(context.node()))
      shape->erase(shape->begin() + static_cast<std::ptrdiff_t>(axis));
    else
      (*shape)[axis] = context.has_input(1) ? Dim() : Dim(1);
  }
  context.set_output_type(0, Type::sequence(Type::tensor(type, std::move(shape))));
}

// Parts of one size, the last one perhaps smaller.
CountedVector<int64_t> parts_of_size(int64_t total, int64_t size) {
  if (size < 1)
    fail(ErrorCode::kInvalidArgument, "parts of size {} were asked for: it must be 1 or more", size);
  CountedVector<int64_t> sizes(static_cast<size_t>(total / size), size);
  if (total % size != 0) sizes.push_back(total % size);
  return sizes;
}

CountedVector<int64_t> read_parts(const Tensor& tensor, int64_t total) {
  const std::vector<int64_t> sizes = read_integers(tensor, "the split");
  if (tensor.rank() == 0) return parts_of_size(total, sizes[0]);
  int64_t left = total;
  for (int64_t size : sizes) {
    if (size < 0 || size > left)
      fail(ErrorCode::kInvalidArgument, "the parts {} do not split {} elements", to_string(sizes), total);
    left -= size;
  }
  if (left != 0)
    fail(ErrorCode::kInvalidArgument, "the parts {} do not split {} elements", to_string(sizes), total);
  return {sizes.begin(), sizes.end()};
}

void compute_split(KernelContext& context) {
  const Tensor& input = context.input(0);
  const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), input.rank());
  const CountedVector<int64_t> sizes = context.has_input(1) ? read_parts(context.input(1), input.dim(axis))
                                                            : parts_of_size(input.dim(axis), 1);
  Sequence sequence;
  int64_t begin = 0;
  for (int64_t size : sizes) {
    Dims dims = input.dims();
    dims[axis] = size;
    if (drops_axis(context.node())) dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
    Tensor part = context.allocate(input.type(), std::move(dims));
    copy_part(input, axis, begin, size, part);
    sequence.emplace_back(std::move(part));
    begin += size;
  }
  context.set_output(0, std::move(sequence));
}

size_t joined_axis(const Node& node, size_t rank) {
  const bool is_new = node.int_attribute("new_axis", 0) != 0;
  return normalize_axis(node.int_attribute("axis", 0), is_new ? rank + 1 : rank);
}

void infer_concat(InferenceContext& context) {
  const Type& sequence = context.input_type(0);
  if (!sequence.has_inner() || !sequence.inner().is_tensor()) return;
  std::optional<Shape> shape = sequence.inner().shape();
  if (shape) {
    const size_t axis = joined_axis(context.node(), shape->size());
    if (context.node().int_attribute("new_axis", 0) != 0)
      shape->insert(shape->begin() + static_cast<std::ptrdiff_t>(axis), Dim());
    else
      (*shape)[axis] = Dim();
  }
  context.set_output_type(0, Type::tensor(sequence.inner().element_type(), std::move(shape)));
}

void compute_concat(KernelContext& context) {
  CountedVector<Tensor> parts;
  for (const RuntimeValue& part : context.value(0).sequence()) parts.push_back(part.tensor());
  if (parts.empty())
    fail(ErrorCode::kInvalidArgument, "the sequence is empty: there is nothing to concatenate");
  const size_t axis = joined_axis(context.node(), parts[0].rank());
  const bool is_new = context.node().int_attribute("new_axis", 0) != 0;
  is_new ? stack(context, 0, parts, axis) : concatenate(context, 0, parts, axis);
}

}  // namespace

void register_split_to_sequence(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "SplitToSequence",
                .since_version = 24,
                .inputs = {{"input", "T"}, {"split", "I", Arity::kOptional}},
                .outputs = {{"output_sequence", "seq(T)"}},
                .attributes = {{"axis", Kind::kInt}, {"keepdims", Kind::kInt}},
                .type_constraints = {{"T", kMovable}, {"I", {DataType::kInt32, DataType::kInt64}}},
                .infer = infer_split,
                .compute = compute_split});
  registry.add({.name = "ConcatFromSequence",
                .since_version = 11,
                .inputs = {{"input_sequence", "seq(T)"}},
                .outputs = {{"concat_result", "T"}},
                .attributes = {{"axis", Kind::kInt, true}, {"new_axis", Kind::kInt}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer_concat,
                .compute = compute_concat});
}

}  // namespace slipway::ops
