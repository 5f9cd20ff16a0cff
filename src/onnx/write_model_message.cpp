#include "onnx/write_model_message.hpp"

#include "onnx/field_numbers.hpp"
#include "onnx/spellings.hpp"
#include "onnx/write_entries.hpp"
#include "onnx/write_graph.hpp"

namespace slipway {

MessageWriter write_model_message(const Model& model, WriteContext& context) {
  using Field = onnx_field::Model;
  context.ir_version = model.ir_version;
  MessageWriter writer;
  Spellings kept(model.preserved, {length_key(Field::kOpsetImport), length_key(Field::kMetadata)});
  writer.add_raw(kept.rest());
  const auto add_text = [&](uint32_t number, const std::string& text) {
    if (!text.empty()) writer.add_string(number, text);
  };
  if (model.ir_version != 0) writer.add_integer(Field::kIrVersion, model.ir_version);
  write_opset_imports(model.opset_imports, Field::kOpsetImport, kept, writer);
  add_text(Field::kProducerName, model.producer_name);
  add_text(Field::kProducerVersion, model.producer_version);
  add_text(Field::kDomain, model.domain);
  if (model.model_version != 0) writer.add_integer(Field::kModelVersion, model.model_version);
  add_text(Field::kDocString, model.doc_string);
  writer.add_message(Field::kGraph, write_graph(*model.graph, context));
  write_entries(model.metadata, Field::kMetadata, kept, writer);
  for (const Function& function : model.functions)
    writer.add_message(Field::kFunctions, write_function(function, context));
  return writer;
}

}  // namespace slipway
