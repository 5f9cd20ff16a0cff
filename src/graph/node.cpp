#include "graph/node.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "graph/graph.hpp"

namespace slipway {

void Value::set_type(Type type) {
  type_ = std::move(type);
  file_type.clear();
}

const Attribute* Node::find_attribute(std::string_view name) const {
  for (const Attribute& attribute : attributes_)
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

void Node::set_attribute(std::string name, Attribute::Content content) {
  set_attribute(Attribute(std::move(name), std::move(content)));
}

void Node::set_attribute(Attribute attribute) {
  if (auto* graph = attribute.as<std::unique_ptr<Graph>>()) (*graph)->set_owner(this);
  if (auto* graphs = attribute.as<Attribute::Graphs>())
    for (auto& graph : *graphs) graph->set_owner(this);
  for (Attribute& present : attributes_)
    if (present.name() == attribute.name()) {
      present = std::move(attribute);
      return;
    }
  // Most nodes have one or two attributes: no room for more than there are.
  attributes_.reserve(attributes_.size() + 1);
  attributes_.push_back(std::move(attribute));
}

void Node::erase_attribute(std::string_view name) {
  std::erase_if(attributes_, [name](const Attribute& attribute) { return attribute.name() == name; });
}

template <typename T>
const T* Node::attribute_as(std::string_view name, const char* kind) const {
  const Attribute* attribute = find_attribute(name);
  if (!attribute) return nullptr;
  const T* content = attribute->as<T>();
  if (!content && attribute->is_reference())
    fail(ErrorCode::kInvalidModel,
         "{}: attribute '{}' stands for the function's attribute '{}', which has no value here", describe(),
         name, attribute->parameter());
  if (!content)
    fail(ErrorCode::kInvalidModel, "{}: attribute '{}' is of kind {}, but {} was expected", describe(), name,
         name_of(attribute->kind()), kind);
  return content;
}

int64_t Node::int_attribute(std::string_view name, int64_t otherwise) const {
  const auto* content = attribute_as<int64_t>(name, "int");
  return content ? *content : otherwise;
}

float Node::float_attribute(std::string_view name, float otherwise) const {
  const auto* content = attribute_as<float>(name, "float");
  return content ? *content : otherwise;
}

std::string Node::string_attribute(std::string_view name, std::string_view otherwise) const {
  const auto* content = attribute_as<std::string>(name, "string");
  return content ? *content : std::string(otherwise);
}

std::vector<int64_t> Node::ints_attribute(std::string_view name, std::vector<int64_t> otherwise) const {
  const auto* content = attribute_as<std::vector<int64_t>>(name, "ints");
  if (content) return *content;
  return otherwise;
}

std::vector<float> Node::floats_attribute(std::string_view name, std::vector<float> otherwise) const {
  const auto* content = attribute_as<std::vector<float>>(name, "floats");
  if (content) return *content;
  return otherwise;
}

std::string Node::describe() const {
  const std::string operator_name = domain_.empty() ? op_type_ : domain_ + "." + op_type_;
  if (!name_.empty()) return fmt::format("node '{}' ({})", name_, operator_name);
  for (const Value* output : outputs_)
    if (output) return fmt::format("the node that makes '{}' ({})", output->name(), operator_name);
  return fmt::format("a node without name or outputs ({})", operator_name);
}

}  // namespace slipway
