#include "graph/attribute.hpp"

#include <array>

#include "graph/graph.hpp"

namespace slipway {

Attribute::Attribute(std::string name, Content content)
    : name_(std::move(name)), kind_(static_cast<Kind>(content.index())), content_(std::move(content)) {}
Attribute::~Attribute() = default;
Attribute::Attribute(Attribute&&) noexcept = default;
Attribute& Attribute::operator=(Attribute&&) noexcept = default;

Attribute Attribute::reference(std::string name, std::string parameter, Kind kind) {
  Attribute attribute(std::move(name), Content());
  attribute.parameter_ = std::make_unique<std::string>(std::move(parameter));
  attribute.kind_ = kind;
  return attribute;
}

const std::string& Attribute::parameter() const {
  static const std::string none;
  return parameter_ ? *parameter_ : none;
}

const char* name_of(Attribute::Kind kind) {
  static constexpr std::array<const char*, 15> kNames = {
      "undefined", "float", "int",     "string",  "tensor", "graph",          "sparse_tensor", "type_proto",
      "floats",    "ints",  "strings", "tensors", "graphs", "sparse_tensors", "type_protos"};
  return kNames.at(static_cast<size_t>(kind));
}

}  // namespace slipway
