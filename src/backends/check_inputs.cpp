// Do the values of a call fit what the model states of its inputs: kinds, element types, ranks and sizes that
// are numbers? Whether the sizes fit each other is asked after that, so that a message is about the first
// thing that is wrong.
#include "backends/backend.hpp"
#include "backends/check_sizes.hpp"
#include "base/error.hpp"

namespace slipway::backends {
namespace {

std::string names_of(const std::vector<Port>& ports) {
  std::string names;
  for (const Port& port : ports) names += (names.empty() ? "'" : ", '") + port.name + "'";
  return names.empty() ? "none" : names;
}

// `whole`: the type that the model states.
void check_elements(DataType expected, const Tensor& tensor, const Type& whole) {
  if (tensor.type() != expected)
    fail(ErrorCode::kInvalidArgument, "element type {} was given, but the model takes {} ({})",
         name_of(tensor.type()), name_of(expected), whole.to_string());
}

void check_tensor(const Type& type, const Tensor& tensor) {
  check_elements(type.element_type(), tensor, type);
  if (!type.shape()) return;
  const Shape& shape = *type.shape();
  if (tensor.rank() != shape.size())
    fail(ErrorCode::kInvalidArgument, "a tensor of rank {} was given ({}), but the model takes rank {} ({})",
         tensor.rank(), tensor.describe(), shape.size(), type.to_string());
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (shape[axis].is_known() && shape[axis].value() != tensor.dim(axis))
      fail(ErrorCode::kInvalidArgument,
           "axis {} has size {}, but the model takes {} ({} was given, {} expected)", axis, tensor.dim(axis),
           shape[axis].value(), tensor.describe(), type.to_string());
}

void check_value(const Type& type, const RuntimeValue& value) {
  switch (type.kind()) {
    case Type::Kind::kNone:
      return;
    case Type::Kind::kTensor:
      if (!value.is_tensor())
        fail(ErrorCode::kInvalidArgument, "{} was given, but the model takes a tensor ({})",
             value.kind_name(), type.to_string());
      return check_tensor(type, value.tensor());
    case Type::Kind::kSequence:
      if (!value.is_sequence())
        fail(ErrorCode::kInvalidArgument, "{} was given, but the model takes a sequence ({})",
             value.kind_name(), type.to_string());
      for (const RuntimeValue& element : value.sequence()) check_value(type.inner(), element);
      return;
    case Type::Kind::kOptional:
      return check_value(type.inner(), value);
    case Type::Kind::kMap:
      if (!value.is_map())
        fail(ErrorCode::kInvalidArgument, "{} was given, but the model takes a map ({})", value.kind_name(),
             type.to_string());
      check_elements(type.element_type(), value.map().keys, type);
      return check_elements(type.inner().element_type(), value.map().values, type);
    case Type::Kind::kSparseTensor:
      fail(ErrorCode::kUnsupported, "inputs of type {} are not supported", type.to_string());
  }
}

bool may_be_absent(const Port& port) {
  return port.optional || port.type.kind() == Type::Kind::kOptional;
}

void check_presence(const std::vector<Port>& ports, std::span<const RuntimeValue> values) {
  if (values.size() != ports.size())
    fail(ErrorCode::kInvalidArgument, "{} inputs were given, but the model takes {}: {}", values.size(),
         ports.size(), names_of(ports));
  for (size_t i = 0; i < ports.size(); ++i)
    if (!values[i].has_value() && !may_be_absent(ports[i]))
      fail(ErrorCode::kInvalidArgument, "input '{}' is missing; the model takes {}", ports[i].name,
           ports[i].type.to_string());
}

}  // namespace

void check_inputs(const std::vector<Port>& ports, std::span<const SizeCondition> conditions,
                  std::span<const RuntimeValue> values) {
  check_presence(ports, values);
  for (size_t i = 0; i < ports.size(); ++i)
    if (values[i].has_value())
      with_context([&] { return "input '" + ports[i].name + "'"; },
                   [&] { check_value(ports[i].type, values[i]); });
  check_sizes(ports, conditions, values);
}

}  // namespace slipway::backends
