#include "onnx/opset/operator_versions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <vector>

namespace slipway {
namespace {

// A set of types: for each of four forms the element types, by the bits of their numbers.
struct OperatorTypes {
  uint32_t tensors, sequences, optionals, optional_sequences;
};

struct OperatorVersion {
  std::string_view op_type;
  int version;
  bool deprecated;
  // "T/3 I/0? V/5*": the constraint that several share, the number of the set of types, and ? for optional, *
  // for any number.
  std::string_view inputs, outputs;
  std::string_view attributes;  // names; ! behind those that are required
};

#include "onnx/opset/operator_versions.inc"

struct Parameter {
  std::string_view constraint;
  size_t types = 0;
  char arity = ' ';
};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::vector<Parameter> parameters_of(std::string_view text) {
  std::vector<Parameter> parameters;
  for (const std::string_view word : words_of(text)) {
    Parameter one;
    const size_t slash = word.find('/');
    one.constraint = word.substr(0, slash);
    std::from_chars(word.data() + slash + 1, word.data() + word.size(), one.types);
    if (word.back() == '?' || word.back() == '*') one.arity = word.back();
    parameters.push_back(one);
  }
  return parameters;
}

// All of an operator, oldest first.
std::span<const OperatorVersion> versions_of(std::string_view op_type) {
  const auto [first, last] = std::equal_range(
      std::begin(kVersions), std::end(kVersions), OperatorVersion{op_type, 0, false, {}, {}, {}},
      [](const OperatorVersion& a, const OperatorVersion& b) { return a.op_type < b.op_type; });
  return {first, last};
}

uint32_t bit_of(DataType type) {
  return 1u << static_cast<uint32_t>(type);
}

// Is the type one of the set, as far as it is known?
bool contains(const OperatorTypes& types, const Type& type) {
  const auto has = [](uint32_t bits, const Type& tensor) {
    return bits != 0 &&
           (tensor.element_type() == DataType::kUndefined || (bits & bit_of(tensor.element_type())) != 0);
  };
  switch (type.kind()) {
    case Type::Kind::kNone:
      return true;
    case Type::Kind::kTensor:
      return has(types.tensors, type);
    case Type::Kind::kSequence:
      return has(types.sequences, type.inner());
    case Type::Kind::kOptional:
      return type.inner().kind() == Type::Kind::kSequence
                 ? has(types.optional_sequences, type.inner().inner())
                 : has(types.optionals, type.inner());
    default:
      return false;
  }
}

std::string without_shape(const Type& type) {
  return type.is_tensor() ? std::string(name_of(type.element_type())) : type.to_string();
}

using TypeOf = std::function<const Type&(const Value&)>;

// One version of an operator, held against a node.
class VersionCheck {
 public:
  VersionCheck(const OperatorVersion& version, const Node& node, const TypeOf& type_of)
      : version_(version), node_(node), type_of_(type_of) {}

  std::string reason() {
    std::string found = attributes();
    if (found.empty()) found = side("input", version_.inputs, node_.inputs());
    if (found.empty()) found = side("output", version_.outputs, node_.outputs());
    return found;
  }

  // Are the types right, whatever else is not?
  bool takes_types() {
    const auto takes = [&](std::string_view text, std::span<Value* const> values) {
      const std::vector<Parameter> parameters = parameters_of(text);
      for (size_t i = 0; i < values.size() && !parameters.empty(); ++i)
        if (values[i] && !type(parameters[std::min(i, parameters.size() - 1)], type_of_(*values[i])).empty())
          return false;
      return true;
    };
    return takes(version_.inputs, node_.inputs()) && takes(version_.outputs, node_.outputs());
  }

 private:
  std::string attributes() const {
    const auto known = words_of(version_.attributes);
    for (const Attribute& attribute : node_.attributes())
      if (std::none_of(known.begin(), known.end(), [&](std::string_view word) {
            return word == attribute.name() ||
                   (word.ends_with('!') && word.substr(0, word.size() - 1) == attribute.name());
          }))
        return fmt::format("it has no attribute '{}'", attribute.name());
    for (const std::string_view word : known)
      if (word.ends_with('!') && !node_.find_attribute(word.substr(0, word.size() - 1)))
        return fmt::format("it requires attribute '{}'", word.substr(0, word.size() - 1));
    return "";
  }

  std::string side(const char* what, std::string_view text, std::span<Value* const> values) {
    const std::vector<Parameter> parameters = parameters_of(text);
    const bool variadic = !parameters.empty() && parameters.back().arity == '*';
    if (values.size() > parameters.size() && !variadic)
      return fmt::format("it has {} {}s, not {}", parameters.size(), what, values.size());
    for (size_t i = 0; i < std::max(values.size(), parameters.size()); ++i) {
      const Parameter& parameter = parameters[std::min(i, parameters.size() - 1)];
      const Value* value = i < values.size() ? values[i] : nullptr;
      if (!value && parameter.arity == ' ') return fmt::format("it requires {} {}", what, i);
      if (!value) continue;
      if (std::string found = type(parameter, type_of_(*value)); !found.empty())
        return fmt::format("{} {} {}", what, i, found);
    }
    return "";
  }

  std::string type(const Parameter& parameter, const Type& type) {
    if (!contains(kTypes[parameter.types], type)) return fmt::format("cannot be {}", without_shape(type));
    if (parameter.constraint.empty() || type.is_none()) return "";
    std::string spelled = without_shape(type);
    const auto [bound, is_new] = bound_.emplace(parameter.constraint, spelled);
    if (is_new || !type.is_tensor() || bound->second == spelled) return "";
    return fmt::format("cannot be {} where another is {}", spelled, bound->second);
  }

  const OperatorVersion& version_;
  const Node& node_;
  const TypeOf& type_of_;
  std::map<std::string_view, std::string> bound_;
};

}  // namespace

std::string reason_against(const Node& node, int64_t opset, const TypeOf& type_of) {
  const auto versions = versions_of(node.op_type());
  const auto newer =
      std::find_if(versions.begin(), versions.end(), [&](const auto& one) { return one.version > opset; });
  if (newer == versions.begin())
    return versions.empty() ? fmt::format("there is no operator {}", node.op_type())
                            : fmt::format("{} came with opset {}", node.op_type(), newer->version);
  const OperatorVersion& in_force = *std::prev(newer);
  if (in_force.deprecated) return fmt::format("{} was gone by then", node.op_type());
  std::string found = VersionCheck(in_force, node, type_of).reason();
  if (found.empty()) return "";
  const bool is_type = !VersionCheck(in_force, node, type_of).takes_types();
  const auto later = std::find_if(newer, versions.end(), [&](const OperatorVersion& one) {
    VersionCheck check(one, node, type_of);
    return !one.deprecated && (is_type ? check.takes_types() : check.reason().empty());
  });
  if (later != versions.end())
    return fmt::format("{} in {}-{}; that came with opset {}", found, node.op_type(), in_force.version,
                       later->version);
  return fmt::format("{} in {}-{}", found, node.op_type(), in_force.version);
}

}  // namespace slipway
