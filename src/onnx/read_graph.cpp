#include "onnx/read_graph.hpp"

#include "base/error.hpp"
#include "graph/validate.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/graph_reader.hpp"
#include "onnx/message_reader.hpp"
#include "onnx/read_attribute.hpp"
#include "onnx/stated_fields.hpp"

namespace slipway {
namespace {

// The fields that need one another, collected before any of them is read.
struct GraphMessage {
  std::vector<std::string_view> nodes, initializers, sparse_initializers;
  std::vector<MessageReader> inputs, outputs, value_info;  // at the field: its bytes may have to be kept
};

GraphMessage collect(std::string_view message, Graph& graph) {
  using Field = onnx_field::Graph;
  GraphMessage parts;
  std::string name;
  for (MessageReader field(message); field.next();) {
    switch (field.key()) {
      case length_key(Field::kNode):
        parts.nodes.push_back(field.view());
        break;
      case length_key(Field::kName):
        read_string(field, name, graph.preserved);
        break;
      case length_key(Field::kInitializer):
        parts.initializers.push_back(field.view());
        break;
      case length_key(Field::kSparseInitializer):
        parts.sparse_initializers.push_back(field.view());
        break;
      case length_key(Field::kInput):
        parts.inputs.push_back(field);
        break;
      case length_key(Field::kOutput):
        parts.outputs.push_back(field);
        break;
      case length_key(Field::kValueInfo):
        parts.value_info.push_back(field);
        break;
      default:
        graph.preserved.append(field.raw());
    }
  }
  graph.set_name(std::move(name));
  return parts;
}

void read_outputs(const std::vector<MessageReader>& fields, Graph& graph, GraphReader& reader) {
  for (const MessageReader& field : fields) {
    const ValueInfo info = read_value_info(field.view());
    reader.add_output(info.name);
    if (!reader.set_value_info(info, 0)) graph.preserved.append(field.raw());
  }
}

void read_value_infos(const std::vector<MessageReader>& fields, Graph& graph, GraphReader& reader) {
  uint32_t order = 0;
  for (const MessageReader& field : fields)
    if (!reader.set_value_info(read_value_info(field.view()), ++order)) graph.preserved.append(field.raw());
}

void read_parts(const GraphMessage& parts, Graph& graph, ReadContext& context) {
  GraphReader reader(graph, context);
  for (const MessageReader& field : parts.inputs) reader.add_input(read_value_info(field.view()));
  for (const std::string_view tensor : parts.initializers) reader.add_initializer(tensor);
  for (const std::string_view tensor : parts.sparse_initializers) reader.add_sparse_initializer(tensor);
  reader.add_nodes(parts.nodes);
  read_outputs(parts.outputs, graph, reader);
  read_value_infos(parts.value_info, graph, reader);
}

}  // namespace

void read_graph(std::string_view message, Graph& graph, ReadContext& context) {
  const Nesting level(context.graph_nesting, kMaxGraphNesting, "graphs");
  const GraphMessage parts = collect(message, graph);
  with_context([&] { return fmt::format("graph '{}'", shown(graph.name())); },
               [&] { read_parts(parts, graph, context); });
}

std::unique_ptr<Graph> read_subgraph(std::string_view message, Node* owner, ReadContext& context) {
  auto graph = std::make_unique<Graph>("", owner);
  read_graph(message, *graph, context);
  return graph;
}

std::pair<std::string, int64_t> read_opset_import(std::string_view message) {
  std::pair<std::string, int64_t> import{"", 0};
  for (MessageReader field(message); field.next();) {
    if (field.key() == length_key(onnx_field::OpsetId::kDomain)) import.first = field.view();
    if (field.key() == varint_key(onnx_field::OpsetId::kVersion)) import.second = field.int64();
  }
  if (import.first == "ai.onnx") import.first.clear();
  return import;
}

}  // namespace slipway
