// The small messages that a model has many of, as the writer spells them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/model.hpp"
#include "onnx/message_writer.hpp"
#include "onnx/spellings.hpp"

namespace slipway {

// OperatorSetIdProto: the domain where it is not the default one, and the version.
std::string encoded_opset_import(const std::pair<std::string, int64_t>& import);

// All of them into field `number`, each as the file spelled it if `kept` has it with the same meaning.
void write_opset_imports(const OpsetImports& imports, uint32_t number, Spellings& kept,
                         MessageWriter& writer);
void write_entries(const std::vector<std::pair<std::string, std::string>>& entries, uint32_t number,
                   Spellings& kept, MessageWriter& writer);

// StringStringEntryProto with key and value.
std::string encoded_entry(std::string_view key, std::string_view value);

// The key and value of a StringStringEntryProto.
std::pair<std::string, std::string> read_entry(std::string_view message);

}  // namespace slipway
