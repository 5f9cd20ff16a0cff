#include "onnx/read_model.hpp"

#include "base/error.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"
#include "onnx/read_graph.hpp"
#include "onnx/stated_fields.hpp"
#include "onnx/write_entries.hpp"

namespace slipway {
namespace {

using Field = onnx_field::Model;

struct ModelMessage {
  std::optional<std::string_view> graph;
  std::vector<std::string_view> functions;
};

bool collect_text(const MessageReader& field, Model& model) {
  switch (field.key()) {
    case length_key(Field::kProducerName):
      read_string(field, model.producer_name, model.preserved);
      return true;
    case length_key(Field::kProducerVersion):
      read_string(field, model.producer_version, model.preserved);
      return true;
    case length_key(Field::kDomain):
      read_string(field, model.domain, model.preserved);
      return true;
    case length_key(Field::kDocString):
      read_string(field, model.doc_string, model.preserved);
      return true;
    default:
      return false;
  }
}

ModelMessage collect(std::string_view message, Model& model) {
  ModelMessage parts;
  model.ir_version = 0;
  for (MessageReader field(message); field.next();) {
    if (collect_text(field, model)) continue;
    switch (field.key()) {
      case varint_key(Field::kIrVersion):
        read_integer(field, model.ir_version, model.preserved);
        break;
      case varint_key(Field::kModelVersion):
        read_integer(field, model.model_version, model.preserved);
        break;
      case length_key(Field::kOpsetImport):
        model.opset_imports.entries().push_back(read_opset_import(field.view()));
        keep_spelling(field, encoded_opset_import(model.opset_imports.entries().back()), model.preserved);
        break;
      case length_key(Field::kMetadata): {
        const auto& [key, value] = model.metadata.emplace_back(read_entry(field.view()));
        keep_spelling(field, encoded_entry(key, value), model.preserved);
        break;
      }
      case length_key(Field::kGraph):
        set_once(field, "the graph", parts.graph);
        break;
      case length_key(Field::kFunctions):
        parts.functions.push_back(field.view());
        break;
      default:
        model.preserved.append(field.raw());
    }
  }
  return parts;
}

Model read_message(std::string_view message, ReadContext& context) {
  Model model;
  const ModelMessage parts = collect(message, model);
  if (!parts.graph)
    fail(ErrorCode::kInvalidModel, "no graph is in it: this is not an ONNX model, or only a part of one");
  read_graph(*parts.graph, *model.graph, context);
  for (const std::string_view function : parts.functions)
    model.functions.push_back(read_function(function, context));
  return model;
}

}  // namespace

Model read_model(const std::filesystem::path& path, const ReadOptions& options) {
  return read_mapped_file(path, options, read_message);
}

Model read_model_bytes(std::span<const std::byte> bytes, const ReadOptions& options) {
  ReadContext context;
  context.options = options;
  if (!options.external_data_folder.empty())
    context.external = ExternalFiles::in(options.external_data_folder);
  return read_message({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, context);
}

}  // namespace slipway
