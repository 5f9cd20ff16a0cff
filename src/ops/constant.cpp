// Identity, Constant and ConstantOfShape: values that are handed over, stated or repeated.
#include <algorithm>

#include "base/error.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

// ---- Identity ----

void infer_identity(InferenceContext& context) {
  infer_like_first_input(context);
  if (auto elements = context.input_elements(0)) context.set_output_elements(0, std::move(*elements));
}

void compute_identity(KernelContext& context) {
  context.set_output(0, context.value(0));
}

// ---- Constant ----

// The linear positions of a sparse tensor's values: `indices` has them so, or one row of coordinates each.
std::vector<int64_t> positions(const SparseTensor& sparse) {
  const Tensor& indices = sparse.indices.tensor;
  if (indices.type() != DataType::kInt64 || indices.rank() < 1 || indices.rank() > 2)
    fail(ErrorCode::kInvalidModel, "a sparse tensor's indices are {}, but i64[n] or i64[n,rank] was expected",
         indices.describe());
  const auto numbers = indices.data<int64_t>();
  if (indices.rank() == 1) return {numbers.begin(), numbers.end()};
  if (indices.dim(1) != static_cast<int64_t>(sparse.dims.size()))
    fail(ErrorCode::kInvalidModel, "a sparse tensor of shape {} has indices {}", to_string(sparse.dims),
         indices.describe());
  const Dims strides = contiguous_strides(sparse.dims);
  std::vector<int64_t> result(static_cast<size_t>(indices.dim(0)), 0);
  for (size_t i = 0; i < numbers.size(); ++i) {
    const size_t axis = i % sparse.dims.size();
    if (numbers[i] < 0 || numbers[i] >= sparse.dims[axis])
      fail(ErrorCode::kInvalidModel, "index {} is outside axis {} of {}", numbers[i], axis,
           to_string(sparse.dims));
    result[i / sparse.dims.size()] += numbers[i] * strides[axis];
  }
  return result;
}

void compute_sparse(KernelContext& context, const SparseTensor& sparse) {
  const Tensor& values = sparse.values.tensor;
  const std::vector<int64_t> at = positions(sparse);
  if (static_cast<int64_t>(at.size()) != values.count())
    fail(ErrorCode::kInvalidModel, "a sparse tensor has {} values, but {} indices", values.count(),
         at.size());
  Tensor& output = context.make_output(0, values.type(), sparse.dims);
  clear_elements(output);
  const ElementMover mover(values, output);
  for (size_t i = 0; i < at.size(); ++i) {
    if (at[i] < 0 || at[i] >= output.count())
      fail(ErrorCode::kInvalidModel, "index {} is outside a sparse tensor of shape {}", at[i],
           to_string(sparse.dims));
    mover.move(static_cast<int64_t>(i), at[i]);
  }
}

// The one attribute that holds the value. All of the node's attributes are such ones.
const Attribute& the_value(const Node& node) {
  if (node.attributes().size() != 1)
    fail(ErrorCode::kInvalidModel, "a Constant has {} attributes, but exactly one was expected",
         node.attributes().size());
  return node.attributes().front();
}

// The tensor that a number, a text or a list of them stands for.
Tensor stated_value(const Attribute& attribute) {
  if (const auto* constant = attribute.as<Constant>()) return constant->tensor;
  if (const auto* number = attribute.as<float>()) return Tensor::scalar(*number);
  if (const auto* number = attribute.as<int64_t>()) return Tensor::scalar(*number);
  if (const auto* text = attribute.as<std::string>()) return Tensor::scalar(*text);
  const auto list = [](const auto& values) {
    using T = typename std::decay_t<decltype(values)>::value_type;
    return Tensor::from<T>({static_cast<int64_t>(values.size())}, values);
  };
  if (const auto* numbers = attribute.as<std::vector<float>>()) return list(*numbers);
  if (const auto* numbers = attribute.as<std::vector<int64_t>>()) return list(*numbers);
  if (const auto* texts = attribute.as<std::vector<std::string>>()) return list(*texts);
  fail(ErrorCode::kInvalidModel, "attribute '{}' of kind {} is no value", attribute.name(),
       name_of(attribute.kind()));
}

Shape as_shape(const Dims& dims) {
  return {dims.begin(), dims.end()};
}

void infer_constant(InferenceContext& context) {
  const Attribute& attribute = the_value(context.node());
  if (const auto* sparse = attribute.as<SparseTensor>())
    return context.set_output_type(0, Type::tensor(sparse->values.tensor.type(), as_shape(sparse->dims)));
  const Tensor value = stated_value(attribute);
  context.set_output_type(0, Type::tensor(value.type(), as_shape(value.dims())));
}

void compute_constant(KernelContext& context) {
  const Attribute& attribute = the_value(context.node());
  if (const auto* sparse = attribute.as<SparseTensor>()) return compute_sparse(context, *sparse);
  context.set_output(0, stated_value(attribute));
}

// ---- ConstantOfShape ----

// One f32 zero where the node states nothing.
Tensor repeated_value(const Node& node) {
  const Attribute* attribute = node.find_attribute("value");
  if (!attribute) return Tensor::scalar(0.0F);
  const auto* constant = attribute->as<Constant>();
  if (!constant || constant->tensor.count() != 1)
    fail(ErrorCode::kInvalidModel, "attribute 'value' must be a tensor of one element");
  return constant->tensor;
}

void infer_constant_of_shape(InferenceContext& context) {
  const DataType type = repeated_value(context.node()).type();
  auto shape = context.input_elements(0);
  context.set_output_type(0, Type::tensor(type, std::move(shape)));
}

void compute_constant_of_shape(KernelContext& context) {
  const Tensor value = repeated_value(context.node());
  const Tensor& shape = context.input(0);
  Tensor& output = context.make_output(0, value.type(), read_integers(shape, "the shape"));
  ElementMover(value, output).fill(0, 0, output.count());
}

constexpr TypeSet kRepeatable = kNumbers | kFloat8s | kPacked | TypeSet{DataType::kBool};

}  // namespace

void register_constant(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "Identity",
                .since_version = 25,
                .inputs = {{"input", ""}},
                .outputs = {{"output", ""}},
                .infer = infer_identity,
                .compute = compute_identity});
  registry.add({.name = "Constant",
                .since_version = 25,
                .outputs = {{"output", "T"}},
                .attributes = {{"value", Kind::kTensor},
                               {"sparse_value", Kind::kSparseTensor},
                               {"value_float", Kind::kFloat},
                               {"value_floats", Kind::kFloats},
                               {"value_int", Kind::kInt},
                               {"value_ints", Kind::kInts},
                               {"value_string", Kind::kString},
                               {"value_strings", Kind::kStrings}},
                .type_constraints = {{"T", kAnyTensor}},
                .infer = infer_constant,
                .compute = compute_constant});
  registry.add({.name = "ConstantOfShape",
                .since_version = 25,
                .inputs = {{"input", "tensor(int64)"}},
                .outputs = {{"output", "T2"}},
                .attributes = {{"value", Kind::kTensor}},
                .type_constraints = {{"T2", kRepeatable}},
                .infer = infer_constant_of_shape,
                .compute = compute_constant_of_shape});
}

}  // namespace slipway::ops
