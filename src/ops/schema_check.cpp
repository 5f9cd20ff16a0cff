#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "ops/private_attributes.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

constexpr auto kBadModel = ErrorCode::kInvalidModel;

// One direction of a schema: its parameters, and what a node gives for them.
struct Side {
  const char* word;  // "input" or "output"
  std::span<const Parameter> parameters;
  std::span<Value* const> values;
  size_t min_variadic = 1;

  bool is_variadic() const { return !parameters.empty() && parameters.back().arity == Arity::kVariadic; }
  const Parameter& parameter(size_t index) const {
    return parameters[std::min(index, parameters.size() - 1)];
  }
};

// A parameter of a node, for messages.
struct Place {
  const Side* side = nullptr;
  size_t index = 0;

  std::string text() const {
    return fmt::format("{} '{}' (number {})", side->word, side->parameter(index).name, index);
  }
};

void check_count(const Side& side) {
  const size_t fixed = side.parameters.size() - (side.is_variadic() ? 1 : 0);
  if (!side.is_variadic() && side.values.size() > fixed)
    fail(kBadModel, "{} {}s were given, but the operator has at most {}", side.values.size(), side.word,
         fixed);
  for (size_t i = 0; i < fixed; ++i)
    if (side.parameters[i].arity == Arity::kRequired && (i >= side.values.size() || !side.values[i]))
      fail(kBadModel, "{} '{}' (number {}) is missing, but the operator requires it", side.word,
           side.parameters[i].name, i);
  if (side.is_variadic() && side.min_variadic > 0 && side.values.size() < fixed + side.min_variadic)
    fail(kBadModel, "{} {}s were given, but the operator needs at least {}", side.values.size(), side.word,
         fixed + side.min_variadic);
}

// Of a variadic parameter an output may be absent, an input not.
void check_variadic_inputs(const Side& inputs) {
  if (!inputs.is_variadic()) return;
  for (size_t i = inputs.parameters.size() - 1; i < inputs.values.size(); ++i)
    if (!inputs.values[i])
      fail(kBadModel, "input '{}' (number {}) is missing, but the operator requires it",
           inputs.parameters.back().name, i);
}

void check_attributes(const Operator& definition, const Node& node) {
  for (const Attribute& attribute : node.attributes()) {
    if (attribute.name().starts_with(kPrivateAttributePrefix)) continue;
    const auto spec = std::find_if(definition.attributes.begin(), definition.attributes.end(),
                                   [&](const AttributeSpec& one) { return one.name == attribute.name(); });
    if (spec == definition.attributes.end())
      fail(kBadModel, "attribute '{}' is not one of the operator's", attribute.name());
    if (!attribute.is_reference() && attribute.kind() != spec->kind)
      fail(kBadModel, "attribute '{}' is of kind {}, but the operator expects {}", attribute.name(),
           name_of(attribute.kind()), name_of(spec->kind));
  }
  for (const AttributeSpec& spec : definition.attributes)
    if (spec.required && !node.find_attribute(spec.name))
      fail(kBadModel, "attribute '{}' is missing, but the operator requires it", spec.name);
}

// "seq(T)" → "T" when `outer` is "seq"; nothing when the text does not start so.
std::optional<std::string_view> unwrap(std::string_view text, std::string_view outer) {
  if (!text.starts_with(outer) || text.size() < outer.size() + 2 || text[outer.size()] != '(')
    return std::nullopt;
  return text.substr(outer.size() + 1, text.size() - outer.size() - 2);
}

class TypeCheck {
 public:
  explicit TypeCheck(const Operator& definition) : definition_(definition) {}

  void check(const Side& side, size_t index, const Type& type) {
    place_ = {&side, index};
    check(side.parameter(index).type, type);
  }

 private:
  void check(std::string_view expected, const Type& type) {
    if (expected.empty() || type.is_none()) return;
    if (const auto inner = unwrap(expected, "seq")) return check_inner(*inner, type, Type::Kind::kSequence);
    if (const auto inner = unwrap(expected, "optional"))
      return check_inner(*inner, type, Type::Kind::kOptional);
    if (!type.is_tensor() && type.kind() != Type::Kind::kSparseTensor)
      fail(kBadModel, "{} is {}, but the operator expects a tensor", place_.text(), type.to_string());
    if (type.element_type() == DataType::kUndefined) return;
    if (const auto element = unwrap(expected, "tensor")) return check_element(*element, type.element_type());
    check_constraint(expected, type.element_type());
  }

  void check_inner(std::string_view expected, const Type& type, Type::Kind kind) {
    if (type.kind() != kind)
      fail(kBadModel, "{} is {}, but the operator expects {}", place_.text(), type.to_string(),
           kind == Type::Kind::kSequence ? "a sequence" : "an optional");
    check(expected, type.inner());
  }

  void check_element(std::string_view expected, DataType type) const {
    const auto wanted = data_type_from_name(expected);
    if (wanted && *wanted != type)
      fail(kBadModel, "{} has elements of type {}, but the operator expects {}", place_.text(), name_of(type),
           name_of(*wanted));
  }

  void check_constraint(std::string_view name, DataType type) {
    for (const TypeConstraint& constraint : definition_.type_constraints)
      if (constraint.name == name && !constraint.types.contains(type))
        fail(kBadModel, "{} has elements of type {}, which the operator does not take there; it takes {}",
             place_.text(), name_of(type), constraint.types.to_string());
    const auto [bound, fresh] = bound_.emplace(name, std::pair(type, place_));
    if (!fresh && bound->second.first != type)
      fail(kBadModel, "{} has elements of type {}, but {} has {}: the operator wants them to be the same",
           place_.text(), name_of(type), bound->second.second.text(), name_of(bound->second.first));
  }

  const Operator& definition_;
  Place place_;
  std::map<std::string_view, std::pair<DataType, Place>> bound_;
};

void check_node(const Operator& definition, const Node& node, const TypeLookup& type_of) {
  const size_t min_inputs = definition.min_inputs > 0 ? static_cast<size_t>(definition.min_inputs) : 0;
  const Side inputs{"input", definition.inputs, node.inputs(), min_inputs};
  const Side outputs{"output", definition.outputs, node.outputs(), 0};
  check_count(inputs);
  check_count(outputs);
  check_variadic_inputs(inputs);
  check_attributes(definition, node);
  TypeCheck types(definition);
  for (const Side* side : {&inputs, &outputs})
    for (size_t i = 0; i < side->values.size(); ++i)
      if (side->values[i]) types.check(*side, i, type_of(*side->values[i]));
}

Type type_of(const RuntimeValue& value);

// Of two elements of a sequence; nothing is known of what is empty.
Type common_type(const Type& a, const Type& b) {
  if (a.is_none() || b.is_none()) return a.is_none() ? b : a;
  if (a.kind() == Type::Kind::kSequence && b.kind() == Type::Kind::kSequence)
    return Type::sequence(common_type(a.inner(), b.inner()));
  if (!(a == b))
    fail(kBadModel, "a sequence holds {} and {}, but its elements must be of one type", a.to_string(),
         b.to_string());
  return a;
}

Type type_of_elements(const Sequence& sequence) {
  Type type;
  for (const RuntimeValue& element : sequence) type = common_type(type, type_of(element));
  return type;
}

// As far as a schema speaks of it: without shapes.
Type type_of(const RuntimeValue& value) {
  if (value.is_tensor()) return Type::tensor(value.tensor().type());
  if (value.is_sequence()) return Type::sequence(type_of_elements(value.sequence()));
  if (value.is_map()) return Type::map(value.map().keys.type(), Type::tensor(value.map().values.type()));
  return {};
}

}  // namespace

std::string TypeSet::to_string() const {
  std::string text;
  for (int number = 1; number < kDataTypeCount; ++number) {
    const auto type = static_cast<DataType>(number);
    if (!contains(type)) continue;
    if (!text.empty()) text += ", ";
    text += name_of(type);
  }
  return text;
}

void check_schema(const Operator& definition, const Node& node, const TypeLookup& type_of) {
  with_context([&] { return node.describe(); }, [&] { check_node(definition, node, type_of); });
}

void check_schema(const Operator& definition, const Node& node) {
  check_schema(definition, node, [](const Value& value) -> const Type& { return value.type(); });
}

void check_run(const Operator& definition, const Node& node, const RunLookup& value_of) {
  const auto inputs = node.inputs();
  std::vector<Type> types(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i]) types[i] = type_of(value_of(i));
  static const Type kNothing;
  check_node(definition, node, [&](const Value& value) -> const Type& {
    const auto found = std::find(inputs.begin(), inputs.end(), &value);
    return found == inputs.end() ? kNothing : types[static_cast<size_t>(found - inputs.begin())];
  });
}

}  // namespace slipway::ops
