#include "onnx/graph_reader.hpp"

#include "base/error.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"
#include "onnx/node_message.hpp"
#include "onnx/read_attribute.hpp"
#include "onnx/read_tensor.hpp"

namespace slipway {
namespace {

std::string describe_maker(const Value& value) {
  if (value.producer()) return value.producer()->describe();
  if (value.is_graph_input()) return "an input of the graph";
  return value.initializer() ? "an initializer" : "another output of a node";
}

}  // namespace

Value* GraphReader::new_value(std::string_view name, const char* what) {
  if (name.empty()) fail(ErrorCode::kInvalidModel, "{} of the graph has no name", what);
  if (const Value* taken = graph_.find_value(name))
    fail(ErrorCode::kInvalidModel, "the name '{}' of {} belongs to {} already: names must be unique",
         shown(name), what, describe_maker(*taken));
  return graph_.add_value(std::string(name));
}

void GraphReader::add_input(const ValueInfo& info) {
  Value* value = new_value(info.name, "an input");
  value->set_type(info.type);
  value->file_type.append(info.rest);
  graph_.make_input(value);
}

void GraphReader::add_parameter(std::string_view name) {
  graph_.make_input(new_value(name, "an input"));
}

void GraphReader::set_initializer(std::string_view name, Constant constant) {
  Value* value = graph_.find_value(name);
  if (!value || value->initializer()) value = new_value(name, "an initializer");
  Preserved file_type = value->file_type;
  graph_.set_initializer(value, std::move(constant));
  value->file_type = std::move(file_type);
}

void GraphReader::add_initializer(std::string_view tensor_message) {
  Constant constant = read_tensor(tensor_message, context_);
  const std::string name = constant.name;
  if (!constant.tensor.defined())
    fail(ErrorCode::kInvalidModel, "initializer '{}' has neither type nor data", shown(name));
  set_initializer(name, std::move(constant));
}

void GraphReader::add_sparse_initializer(std::string_view sparse_tensor_message) {
  auto sparse = std::make_shared<const SparseTensor>(read_sparse_tensor(sparse_tensor_message, context_));
  Constant constant;
  constant.name = sparse->values.name;
  constant.tensor = dense_from(*sparse, context_);
  constant.sparse = sparse;
  set_initializer(sparse->values.name, std::move(constant));
}

void GraphReader::declare_outputs(std::string_view node_message) {
  for (MessageReader field(node_message); field.next();) {
    if (field.key() != length_key(onnx_field::Node::kOutput) || field.view().empty()) continue;
    if (graph_.find_value(field.view()))
      with_context([&] { return read_node_message(node_message).describe(); },
                   [&] { new_value(field.view(), "an output"); });
    graph_.add_value(std::string(field.view()));
  }
}

void GraphReader::add_nodes(const std::vector<std::string_view>& node_messages) {
  for (const std::string_view message : node_messages) declare_outputs(message);
  for (const std::string_view message : node_messages) add_node(message);
}

void GraphReader::add_node(std::string_view node_message) {
  NodeMessage message = read_node_message(node_message);
  with_context(
      [&] { return message.describe(); },
      [&] {
        std::vector<Value*> inputs, outputs;
        for (const std::string_view name : message.inputs) {
          Value* value = name.empty() ? nullptr : graph_.resolve_value(name);
          if (!value && !name.empty())
            fail(ErrorCode::kInvalidModel,
                 "its input '{}' is made by no node, and is neither an input nor an initializer of the graph",
                 shown(name));
          inputs.push_back(value);
        }
        for (const std::string_view name : message.outputs)
          outputs.push_back(name.empty() ? nullptr : graph_.find_value(name));
        Node* node = graph_.add_node_with_outputs(message.op_type, std::move(inputs), std::move(outputs),
                                                  message.domain, message.name);
        node->set_overload(message.overload);
        node->metadata = std::move(message.metadata);
        node->preserved = std::move(message.preserved);
        node->attributes().reserve(message.attributes.size());
        for (const std::string_view attribute : message.attributes)
          node->attributes().push_back(read_attribute(attribute, node, context_));
      });
}

void GraphReader::add_output(std::string_view name) {
  Value* value = graph_.resolve_value(name);
  if (!value)
    fail(ErrorCode::kInvalidModel,
         "the output '{}' of the graph is made by no node, and is neither an input nor an initializer",
         shown(name));
  graph_.add_output(value);
}

bool GraphReader::set_value_info(const ValueInfo& info, uint32_t order) {
  Value* value = graph_.find_value(info.name);
  if (!value || value->declared_order != 0) return false;
  if (value->file_type.empty()) {
    if (!value->initializer()) value->set_type(info.type);
    value->file_type.append(info.rest);
  } else if (value->file_type.bytes() != info.rest) {
    return false;
  }
  value->declared_order = order;
  return true;
}

}  // namespace slipway
