#include "base/error.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/graph_reader.hpp"
#include "onnx/message_reader.hpp"
#include "onnx/read_attribute.hpp"
#include "onnx/read_graph.hpp"
#include "onnx/stated_fields.hpp"
#include "onnx/write_entries.hpp"

namespace slipway {
namespace {

using Field = onnx_field::Function;

struct FunctionMessage {
  std::vector<std::string_view> nodes, inputs, outputs, defaults;
  std::vector<MessageReader> value_info;
};

bool collect_part(const MessageReader& field, FunctionMessage& parts) {
  switch (field.key()) {
    case length_key(Field::kInput):
      parts.inputs.push_back(field.view());
      return true;
    case length_key(Field::kOutput):
      parts.outputs.push_back(field.view());
      return true;
    case length_key(Field::kNode):
      parts.nodes.push_back(field.view());
      return true;
    case length_key(Field::kAttributeProto):
      parts.defaults.push_back(field.view());
      return true;
    case length_key(Field::kValueInfo):
      parts.value_info.push_back(field);
      return true;
    default:
      return false;
  }
}

FunctionMessage collect(std::string_view message, Function& function) {
  FunctionMessage parts;
  for (MessageReader field(message); field.next();) {
    if (collect_part(field, parts)) continue;
    switch (field.key()) {
      case length_key(Field::kName):
        read_string(field, function.name, function.preserved);
        break;
      case length_key(Field::kDomain):
        read_string(field, function.domain, function.preserved);
        break;
      case length_key(Field::kOverload):
        read_string(field, function.overload, function.preserved);
        break;
      case length_key(Field::kAttribute):
        function.attributes.emplace_back(field.view());
        break;
      case length_key(Field::kOpsetImport):
        function.opset_imports.entries().push_back(read_opset_import(field.view()));
        keep_spelling(field, encoded_opset_import(function.opset_imports.entries().back()),
                      function.preserved);
        break;
      default:
        function.preserved.append(field.raw());
    }
  }
  return parts;
}

void read_body(const FunctionMessage& parts, Function& function, ReadContext& context) {
  GraphReader reader(*function.body, context);
  for (const std::string_view input : parts.inputs) reader.add_parameter(input);
  reader.add_nodes(parts.nodes);
  for (const std::string_view output : parts.outputs) reader.add_output(output);
  uint32_t order = 0;
  for (const MessageReader& field : parts.value_info)
    if (!reader.set_value_info(read_value_info(field.view()), ++order))
      function.preserved.append(field.raw());
}

}  // namespace

Function read_function(std::string_view message, ReadContext& context) {
  Function function;
  const FunctionMessage parts = collect(message, function);
  with_context([&] { return fmt::format("function '{}'", shown(function.name)); },
               [&] {
                 function.body = std::make_unique<Graph>(function.name);
                 for (const std::string_view attribute : parts.defaults)
                   function.attribute_defaults.push_back(read_attribute(attribute, nullptr, context));
                 read_body(parts, function, context);
               });
  return function;
}

}  // namespace slipway
