#include "custom/schema_text.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace slipway::custom {
namespace {

constexpr auto kFaulty = ErrorCode::kInvalidArgument;

std::string_view trim(std::string_view text) {
  constexpr const char* kBlank = " \t\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(trim(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parts;
}

bool take_ending(std::string_view& text, std::string_view ending) {
  if (!text.ends_with(ending)) return false;
  text = trim(text.substr(0, text.size() - ending.size()));
  return true;
}

// "name: rest"
struct Entry {
  std::string_view name;
  std::string_view rest;
};

std::vector<Entry> entries_of(const char* text) {
  std::vector<Entry> entries;
  if (!text || trim(text).empty()) return entries;
  auto parts = split(text, ';');
  if (parts.back().empty()) parts.pop_back();
  for (const std::string_view part : parts) {
    const size_t colon = std::min(part.find(':'), part.size());
    const Entry entry{trim(part.substr(0, colon)), trim(part.substr(std::min(colon + 1, part.size())))};
    if (entry.name.empty() || entry.rest.empty()) fail(kFaulty, "'{}' is not of the form 'name: type'", part);
    const bool twice = std::any_of(entries.begin(), entries.end(),
                                   [&](const Entry& other) { return other.name == entry.name; });
    if (twice) fail(kFaulty, "'{}' is there twice", entry.name);
    entries.push_back(entry);
  }
  return entries;
}

DataType element_type(std::string_view name) {
  const auto type = data_type_from_name(name);
  // Slipway's short names are not part of the interface.
  if (!type || onnx_name_of(*type) != name)
    fail(kFaulty, "'{}' is neither an element type, as ONNX spells them, nor a constraint of 'types'", name);
  return *type;
}

ops::TypeSet types_of(std::string_view names) {
  if (names == "any") return ops::kAnyTensor;
  ops::TypeSet types;
  for (const std::string_view name : split(names, ',')) types = types | ops::TypeSet{element_type(name)};
  return types;
}

std::vector<ops::Parameter> parameters_of(const char* text, std::vector<ops::TypeConstraint>& constraints) {
  std::vector<ops::Parameter> parameters;
  for (const Entry& entry : entries_of(text)) {
    if (!parameters.empty() && parameters.back().arity == ops::Arity::kVariadic)
      fail(kFaulty, "'{}' has any number, so it must be the last", parameters.back().name);
    ops::Parameter parameter{entry.name, entry.rest};
    if (take_ending(parameter.type, "..."))
      parameter.arity = ops::Arity::kVariadic;
    else if (take_ending(parameter.type, "?"))
      parameter.arity = ops::Arity::kOptional;
    const bool known = std::any_of(constraints.begin(), constraints.end(),
                                   [&](const auto& constraint) { return constraint.name == parameter.type; });
    if (!known) constraints.push_back({parameter.type, {element_type(parameter.type)}});
    parameters.push_back(parameter);
  }
  return parameters;
}

std::vector<ops::AttributeSpec> attributes_of(const char* text) {
  using Kind = Attribute::Kind;
  constexpr Kind kKinds[] = {Kind::kInt,    Kind::kFloat,   Kind::kString, Kind::kInts,
                             Kind::kFloats, Kind::kStrings, Kind::kTensor};
  std::vector<ops::AttributeSpec> attributes;
  for (Entry entry : entries_of(text)) {
    const bool optional = take_ending(entry.rest, "?");
    const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                    [&](Kind one) { return name_of(one) == entry.rest; });
    if (kind == std::end(kKinds))
      fail(kFaulty,
           "'{}' is no kind of attribute; there are int, float, string, ints, floats, strings and tensor",
           entry.rest);
    attributes.push_back({entry.name, *kind, !optional});
  }
  return attributes;
}

template <typename Body>
decltype(auto) in_field(const char* field, Body&& body) {
  return with_context([&] { return std::string(field); }, std::forward<Body>(body));
}

}  // namespace

Schema parse_schema(const slipway_op& op) {
  Schema schema;
  in_field("types", [&] {
    for (const Entry& entry : entries_of(op.types)) {
      if (data_type_from_name(entry.name)) fail(kFaulty, "'{}' is the name of an element type", entry.name);
      schema.type_constraints.push_back({entry.name, types_of(entry.rest)});
    }
  });
  schema.inputs = in_field("inputs", [&] { return parameters_of(op.inputs, schema.type_constraints); });
  schema.outputs = in_field("outputs", [&] { return parameters_of(op.outputs, schema.type_constraints); });
  schema.attributes = in_field("attributes", [&] { return attributes_of(op.attributes); });
  return schema;
}

}  // namespace slipway::custom
