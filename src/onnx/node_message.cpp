#include "onnx/node_message.hpp"

#include <fmt/format.h>

#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"
#include "onnx/spellings.hpp"
#include "onnx/stated_fields.hpp"
#include "onnx/write_entries.hpp"

namespace slipway {

using Field = onnx_field::Node;

std::string NodeMessage::describe() const {
  const std::string op = shown(domain.empty() ? op_type : domain + "." + op_type);
  if (!name.empty()) return fmt::format("node '{}' ({})", shown(name), op);
  for (const std::string_view output : outputs)
    if (!output.empty()) return fmt::format("the node that makes '{}' ({})", shown(output), op);
  return fmt::format("a node without name or outputs ({})", op);
}

NodeMessage read_node_message(std::string_view message) {
  NodeMessage node;
  for (MessageReader field(message); field.next();) {
    switch (field.key()) {
      case length_key(Field::kInput):
        node.inputs.push_back(field.view());
        break;
      case length_key(Field::kOutput):
        node.outputs.push_back(field.view());
        break;
      case length_key(Field::kName):
        read_string(field, node.name, node.preserved);
        break;
      case length_key(Field::kOpType):
        read_string(field, node.op_type, node.preserved);
        break;
      case length_key(Field::kAttribute):
        node.attributes.push_back(field.view());
        break;
      case length_key(Field::kDomain):
        read_string(field, node.domain, node.preserved);
        if (node.domain != "ai.onnx") break;
        node.domain.clear();
        node.preserved.append(field.raw());
        break;
      case length_key(Field::kOverload):
        read_string(field, node.overload, node.preserved);
        break;
      case length_key(Field::kMetadata): {
        const auto& [key, value] = node.metadata.emplace_back(read_entry(field.view()));
        keep_spelling(field, encoded_entry(key, value), node.preserved);
        break;
      }
      default:
        node.preserved.append(field.raw());
    }
  }
  return node;
}

}  // namespace slipway
