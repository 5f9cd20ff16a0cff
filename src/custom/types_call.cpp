#include "custom/types_call.hpp"

#include <algorithm>

namespace slipway::custom {
namespace {

constexpr int64_t kFirstCode = -(int64_t{1} << 61);
constexpr int64_t kBetweenCodes = int64_t{1} << 32;
constexpr size_t kMostRank = 64;

const ops::Parameter& parameter_at(const std::vector<ops::Parameter>& parameters, size_t index) {
  return parameters[std::min(index, parameters.size() - 1)];
}

}  // namespace

int64_t DimCodes::encode(const Dim& dim) {
  if (dim.is_known()) return dim.value();
  if (dim.is_unknown()) return SLIPWAY_OP_UNKNOWN;
  const auto found = std::find(symbols_.begin(), symbols_.end(), dim);
  const auto place = found - symbols_.begin();
  if (found == symbols_.end()) symbols_.push_back(dim);
  return kFirstCode - place * kBetweenCodes;
}

Dim DimCodes::decode(int64_t code) const {
  if (code >= 0) return code;
  if (code == SLIPWAY_OP_UNKNOWN) return Dim();
  for (size_t i = 0; i < symbols_.size(); ++i)
    if (code == kFirstCode - static_cast<int64_t>(i) * kBetweenCodes) return symbols_[i];
  fail(ErrorCode::kInternal,
       "its function infer states a size of {}: a negative size of an input is not known and must not be "
       "calculated "
       "with; state SLIPWAY_OP_UNKNOWN",
       code);
}

TypesCall::TypesCall(const ops::Operator& schema, const Node& node, const char* function,
                     std::vector<InputFact> inputs)
    : slipway_op_call(schema, node, function), inputs_(std::move(inputs)) {}

const slipway_op_type* TypesCall::input_type(size_t index) {
  check_input(index);
  return index < inputs_.size() && inputs_[index].present ? view_type(inputs_[index].type) : nullptr;
}

const slipway_op_tensor* TypesCall::input_constant(size_t index) {
  check_input(index);
  const Tensor* constant = index < inputs_.size() ? inputs_[index].constant : nullptr;
  return constant ? view(*constant) : nullptr;
}

const slipway_op_type* TypesCall::view_type(const Type& type) {
  TypeView& made = views_.emplace_back();
  made.view.rank = SLIPWAY_OP_UNKNOWN;
  if (type.is_tensor() && type.shape()) {
    for (const Dim& dim : *type.shape()) made.dims.push_back(codes_.encode(dim));
    made.view.rank = static_cast<int32_t>(made.dims.size());
  }
  made.dims = padded_dims(std::move(made.dims));
  made.view.dims = made.dims.data();
  made.view.element_type =
      static_cast<slipway_element_type>(type.is_tensor() ? type.element_type() : DataType::kUndefined);
  return &made.view;
}

InferCall::InferCall(const ops::Operator& schema, const Node& node, std::vector<InputFact> inputs)
    : TypesCall(schema, node, "infer", std::move(inputs)),
      outputs_(std::max(schema.outputs.size(), node.outputs().size())) {
  for (size_t i = 0; i < outputs_.size(); ++i)
    outputs_[i].element_type = bound_type(parameter_at(schema.outputs, i));
}

InferCall::OutputFact& InferCall::fact(size_t output) {
  check_output(output);
  return outputs_[output];
}

void InferCall::set_shape(size_t output, const int64_t* dims, int32_t rank) {
  OutputFact& stated = fact(output);
  if (rank == SLIPWAY_OP_UNKNOWN) return stated.shape.reset();
  if (rank < 0 || static_cast<size_t>(rank) > kMostRank || (rank > 0 && !dims))
    fail(ErrorCode::kInternal,
         "its function infer states a shape of rank {}{} for output {}; ranks go from 0 to {}", rank,
         dims ? "" : " whose sizes are NULL", output, kMostRank);
  Shape shape;
  for (int32_t axis = 0; axis < rank; ++axis) shape.push_back(codes().decode(dims[axis]));
  stated.shape = std::move(shape);
}

void InferCall::set_shape_like(size_t output, size_t input) {
  OutputFact& stated = fact(output);
  check_input(input);
  if (input >= inputs().size() || !inputs()[input].present)
    fail(ErrorCode::kInternal, "its function infer gives output {} the shape of input {}, which is absent",
         output, input);
  const Type& type = inputs()[input].type;
  stated.shape = type.is_tensor() ? type.shape() : std::nullopt;
}

void InferCall::set_element_type(size_t output, slipway_element_type type) {
  OutputFact& stated = fact(output);
  if (!is_data_type(type))
    fail(ErrorCode::kInternal, "its function infer states element type {} for output {}, which is none", type,
         output);
  const auto element_type = static_cast<DataType>(type);
  if (stated.element_type != DataType::kUndefined && stated.element_type != element_type)
    fail(ErrorCode::kInternal,
         "its function infer states elements of type {} for output {}, but its schema says {}",
         name_of(element_type), output, name_of(stated.element_type));
  stated.element_type = element_type;
}

DataType InferCall::bound_type(const ops::Parameter& output) const {
  for (size_t i = 0; i < inputs().size(); ++i) {
    const InputFact& input = inputs()[i];
    const bool same =
        input.present && input.type.is_tensor() && parameter_at(schema().inputs, i).type == output.type;
    if (same && input.type.element_type() != DataType::kUndefined) return input.type.element_type();
  }
  for (const ops::TypeConstraint& constraint : schema().type_constraints) {
    if (constraint.name != output.type) continue;
    for (int number = 1; number < kDataTypeCount; ++number) {
      const auto type = static_cast<DataType>(number);
      if (constraint.types.contains(type) && constraint.types.to_string() == name_of(type)) return type;
    }
  }
  return DataType::kUndefined;
}

void InferCall::check_element_type(size_t output, DataType type) const {
  const ops::Parameter& parameter = parameter_at(schema().outputs, output);
  for (const ops::TypeConstraint& constraint : schema().type_constraints)
    if (constraint.name == parameter.type && !constraint.types.contains(type))
      fail(ErrorCode::kInternal,
           "its function infer states elements of type {} for output '{}', which its schema does "
           "not allow there; it allows {}",
           name_of(type), parameter.name, constraint.types.to_string());
}

std::vector<Type> InferCall::outputs() const {
  std::vector<Type> types(outputs_.size());
  for (size_t i = 0; i < types.size(); ++i) {
    if (outputs_[i].element_type == DataType::kUndefined) continue;
    check_element_type(i, outputs_[i].element_type);
    types[i] = Type::tensor(outputs_[i].element_type, outputs_[i].shape);
  }
  return types;
}

const slipway_op_type* FlopsCall::output_type(size_t index) {
  check_output(index);
  return index < outputs_.size() && !outputs_[index].is_none() ? view_type(outputs_[index]) : nullptr;
}

}  // namespace slipway::custom
