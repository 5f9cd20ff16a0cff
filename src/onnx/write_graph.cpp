#include "onnx/write_graph.hpp"

#include <unordered_set>

#include "onnx/field_numbers.hpp"
#include "onnx/read_graph.hpp"
#include "onnx/read_type.hpp"
#include "onnx/spellings.hpp"
#include "onnx/write_entries.hpp"
#include "onnx/write_tensor.hpp"
#include "onnx/write_type.hpp"
#include "onnx/write_value_info.hpp"

namespace slipway {
namespace {

void add_if_stated(uint32_t number, const std::string& text, MessageWriter& writer) {
  if (!text.empty()) writer.add_string(number, text);
}

void write_initializers(const Graph& graph, WriteContext& context, MessageWriter& writer) {
  using Field = onnx_field::Graph;
  for (const Value* value : graph.initializers()) {
    const Constant& constant = *value->initializer_entry();
    if (constant.sparse)
      writer.add_message(Field::kSparseInitializer,
                         write_sparse_tensor(*constant.sparse, value->name(), context));
    else
      writer.add_message(Field::kInitializer, write_tensor(constant, value->name(), context));
  }
}

// A value has room for one entry. The output entry of a value that has another one (as an input, further up
// in the list, in a graph around this one) was kept by the graph.
void write_outputs(const Graph& graph, Spellings& kept, MessageWriter& writer) {
  using Field = onnx_field::Graph;
  std::unordered_set<const Value*> seen;
  for (const Value* value : graph.outputs()) {
    const bool is_new = seen.insert(value).second && !value->is_graph_input() && &value->graph() == &graph;
    const auto entry =
        is_new ? std::nullopt : kept.take(length_key(Field::kOutput), [&](std::string_view message) {
          return read_value_info(message).name == value->name();
        });
    if (entry)
      writer.add_raw(*entry);
    else
      writer.add_string(Field::kOutput, encoded_value_info(*value));
  }
}

}  // namespace

MessageWriter write_node(const Node& node, WriteContext& context) {
  using Field = onnx_field::Node;
  MessageWriter writer;
  Spellings kept(node.preserved, {length_key(Field::kMetadata)});
  writer.add_raw(kept.rest());
  for (const Value* input : node.inputs()) writer.add_string(Field::kInput, input ? input->name() : "");
  for (const Value* output : node.outputs()) writer.add_string(Field::kOutput, output ? output->name() : "");
  add_if_stated(Field::kName, node.name(), writer);
  add_if_stated(Field::kOpType, node.op_type(), writer);
  for (const Attribute& attribute : node.attributes())
    writer.add_message(Field::kAttribute, write_attribute(attribute, context));
  add_if_stated(Field::kDomain, node.domain(), writer);
  add_if_stated(Field::kOverload, node.overload(), writer);
  write_entries(node.metadata, Field::kMetadata, kept, writer);
  return writer;
}

MessageWriter write_graph(const Graph& graph, WriteContext& context) {
  using Field = onnx_field::Graph;
  MessageWriter writer;
  Spellings kept(graph.preserved, {length_key(Field::kOutput), length_key(Field::kValueInfo)});
  writer.add_raw(kept.rest());
  for (const Node* node = graph.first_node(); node; node = node->next())
    writer.add_message(Field::kNode, write_node(*node, context));
  add_if_stated(Field::kName, graph.name(), writer);
  write_initializers(graph, context, writer);
  for (const Value* value : graph.inputs()) writer.add_string(Field::kInput, encoded_value_info(*value));
  write_outputs(graph, kept, writer);
  write_value_info(graph, Field::kValueInfo, kept, writer);
  return writer;
}

MessageWriter write_function(const Function& function, WriteContext& context) {
  using Field = onnx_field::Function;
  MessageWriter writer;
  Spellings kept(function.preserved, {length_key(Field::kOpsetImport), length_key(Field::kValueInfo)});
  writer.add_raw(kept.rest());
  add_if_stated(Field::kName, function.name, writer);
  for (const Value* input : function.body->inputs()) writer.add_string(Field::kInput, input->name());
  for (const Value* output : function.body->outputs()) writer.add_string(Field::kOutput, output->name());
  for (const std::string& attribute : function.attributes) writer.add_string(Field::kAttribute, attribute);
  for (const Attribute& attribute : function.attribute_defaults)
    writer.add_message(Field::kAttributeProto, write_attribute(attribute, context));
  for (const Node* node = function.body->first_node(); node; node = node->next())
    writer.add_message(Field::kNode, write_node(*node, context));
  write_opset_imports(function.opset_imports, Field::kOpsetImport, kept, writer);
  add_if_stated(Field::kDomain, function.domain, writer);
  write_value_info(*function.body, Field::kValueInfo, kept, writer);
  add_if_stated(Field::kOverload, function.overload, writer);
  return writer;
}

}  // namespace slipway
