#include "base/error.hpp"
#include "reference/interpreter.hpp"

namespace slipway::reference {
namespace {

constexpr auto kBadInput = ErrorCode::kInvalidArgument;

// A symbol stands for one number throughout a run; an expression over symbols that are known so far must give
// the number that came.
void check_symbol(const Dim& expected, int64_t size, size_t axis, const Tensor& tensor,
                  std::map<std::string, int64_t>& symbols) {
  const std::map<std::string, int64_t, std::less<>> known(symbols.begin(), symbols.end());
  const Dim value = expected.substitute(known);
  if (value.is_known() && value.value() != size)
    fail(kBadInput, "axis {} of {} has size {}, but '{}' is {} by the inputs before", axis, tensor.describe(),
         size, expected.text(), value.value());
  if (!value.is_known()) symbols.emplace(expected.text(), size);
}

// `whole`: the type that the model states.
void check_elements(DataType expected, const Tensor& tensor, const Type& whole) {
  if (expected != DataType::kUndefined && expected != tensor.type())
    fail(kBadInput, "{} has elements of type {}, but the model expects {}: {}", tensor.describe(),
         name_of(tensor.type()), name_of(expected), whole.to_string());
}

void check_tensor(const Type& type, const Tensor& tensor, std::map<std::string, int64_t>& symbols) {
  check_elements(type.element_type(), tensor, type);
  if (!type.shape()) return;
  const Shape& shape = *type.shape();
  if (shape.size() != tensor.rank())
    fail(kBadInput, "{} has {} axes, but the model expects {}: {}", tensor.describe(), tensor.rank(),
         shape.size(), type.to_string());
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis].is_known() && shape[axis].value() != tensor.dim(axis))
      fail(kBadInput, "axis {} of {} has size {}, but the model expects {}: {}", axis, tensor.describe(),
           tensor.dim(axis), shape[axis].value(), type.to_string());
    if (shape[axis].is_symbolic()) check_symbol(shape[axis], tensor.dim(axis), axis, tensor, symbols);
  }
}

void check_value(const Type& type, const RuntimeValue& value, std::map<std::string, int64_t>& symbols) {
  switch (type.kind()) {
    case Type::Kind::kNone:
      return;
    case Type::Kind::kTensor:
      if (!value.is_tensor()) break;
      return check_tensor(type, value.tensor(), symbols);
    case Type::Kind::kSequence:
      if (!value.is_sequence()) break;
      // The tensors of a sequence may differ in what the type leaves open, so each has symbols of its own.
      for (const RuntimeValue& element : value.sequence()) {
        auto own = symbols;
        check_value(type.inner(), element, own);
      }
      return;
    case Type::Kind::kMap:
      if (!value.is_map()) break;
      check_elements(type.element_type(), value.map().keys, type);
      return check_elements(type.inner().element_type(), value.map().values, type);
    case Type::Kind::kOptional:
      if (value.has_value()) check_value(type.inner(), value, symbols);
      return;
    default:
      break;
  }
  fail(kBadInput, "{} was given, but the model expects {}", value.kind_name(), type.to_string());
}

}  // namespace

void check_input(const Value& input, const RuntimeValue& value, std::map<std::string, int64_t>& symbols) {
  with_context([&] { return fmt::format("input '{}'", input.name()); },
               [&] { check_value(input.type(), value, symbols); });
}

}  // namespace slipway::reference
