// Split: parts of a tensor along an axis, of stated sizes or as equal as can be.
#include "base/error.hpp"
#include "ops/registry.hpp"
#include "ops/tensor_part.hpp"

namespace slipway::ops {
namespace {

// All parts but the last one have the same size, rounded up.
std::vector<int64_t> equal_parts(int64_t size, size_t count) {
  const auto parts = static_cast<int64_t>(count);
  const int64_t part = size / parts + (size % parts != 0 ? 1 : 0);
  std::vector<int64_t> sizes(count);
  for (int64_t& one : sizes) {
    one = std::min(part, size);
    size -= one;
  }
  return sizes;
}

size_t part_count(const Node& node) {
  const auto stated = node.int_attribute("num_outputs", static_cast<int64_t>(node.outputs().size()));
  if (stated < 1 || stated != static_cast<int64_t>(node.outputs().size()))
    fail(ErrorCode::kInvalidModel, "num_outputs is {}, but the node has {} outputs", stated,
         node.outputs().size());
  return node.outputs().size();
}

void check_parts(const std::vector<int64_t>& sizes, size_t outputs, std::optional<int64_t> total) {
  int64_t sum = 0;
  bool negative = false;
  for (int64_t size : sizes) {
    negative = negative || size < 0 || size > std::numeric_limits<int64_t>::max() - sum;
    if (!negative) sum += size;
  }
  if (sizes.size() != outputs || negative || (total && sum != *total))
    fail(ErrorCode::kInvalidArgument, "the parts {} do not split {} elements into {} outputs",
         to_string(sizes), total ? std::to_string(*total) : "the", outputs);
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  if (!shape) {
    for (size_t i = 0; i < context.output_count(); ++i) context.set_output_type(i, Type::tensor(type));
    return;
  }
  const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), shape->size());
  const Dim& total = (*shape)[axis];
  std::optional<std::vector<int64_t>> sizes = context.input_integers(1, "the parts");
  if (sizes)
    check_parts(*sizes, context.output_count(),
                total.is_known() ? std::optional(total.value()) : std::nullopt);
  else if (!context.has_input(1) && total.is_known())
    sizes = equal_parts(total.value(), part_count(context.node()));
  for (size_t i = 0; i < context.output_count(); ++i) {
    Shape part = *shape;
    part[axis] = sizes ? Dim((*sizes)[i]) : Dim();
    context.set_output_type(i, Type::tensor(type, std::move(part)));
  }
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), input.rank());
  const std::vector<int64_t> sizes = context.has_input(1)
                                         ? read_integers(context.input(1), "the parts")
                                         : equal_parts(input.dim(axis), part_count(context.node()));
  check_parts(sizes, context.output_count(), input.dim(axis));
  int64_t begin = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    Dims dims = input.dims();
    dims[axis] = sizes[i];
    if (context.wants_output(i)) {
      copy_part(input, axis, begin, sizes[i], context.make_output(i, input.type(), dims));
    }
    begin += sizes[i];
  }
}

}  // namespace

void register_split(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "Split",
                .since_version = 18,
                .inputs = {{"input", "T"}, {"split", "tensor(int64)", Arity::kOptional}},
                .outputs = {{"outputs", "T", Arity::kVariadic}},
                .attributes = {{"axis", Kind::kInt}, {"num_outputs", Kind::kInt}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
