#include "onnx/write_entries.hpp"

#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"
#include "onnx/read_graph.hpp"

namespace slipway {

std::string encoded_opset_import(const std::pair<std::string, int64_t>& import) {
  MessageWriter writer;
  if (!import.first.empty()) writer.add_string(onnx_field::OpsetId::kDomain, import.first);
  writer.add_integer(onnx_field::OpsetId::kVersion, import.second);
  return std::move(writer).take_text();
}

void write_opset_imports(const OpsetImports& imports, uint32_t number, Spellings& kept,
                         MessageWriter& writer) {
  for (const auto& import : imports.entries()) {
    const auto spelled = kept.take(
        length_key(number), [&](std::string_view message) { return read_opset_import(message) == import; });
    if (spelled)
      writer.add_raw(*spelled);
    else
      writer.add_string(number, encoded_opset_import(import));
  }
}

void write_entries(const std::vector<std::pair<std::string, std::string>>& entries, uint32_t number,
                   Spellings& kept, MessageWriter& writer) {
  for (const auto& entry : entries) {
    const auto spelled =
        kept.take(length_key(number), [&](std::string_view message) { return read_entry(message) == entry; });
    if (spelled)
      writer.add_raw(*spelled);
    else
      writer.add_string(number, encoded_entry(entry.first, entry.second));
  }
}

std::string encoded_entry(std::string_view key, std::string_view value) {
  MessageWriter writer;
  writer.add_string(onnx_field::Entry::kKey, key);
  writer.add_string(onnx_field::Entry::kValue, value);
  return std::move(writer).take_text();
}

std::pair<std::string, std::string> read_entry(std::string_view message) {
  std::pair<std::string, std::string> entry;
  for (MessageReader field(message); field.next();) {
    if (field.key() == length_key(onnx_field::Entry::kKey)) entry.first = field.view();
    if (field.key() == length_key(onnx_field::Entry::kValue)) entry.second = field.view();
  }
  return entry;
}

}  // namespace slipway
