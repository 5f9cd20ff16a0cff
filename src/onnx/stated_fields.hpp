// Reading scalar fields so that their presence survives: an empty or zero one leaves no trace in the graph,
// so its bytes are preserved, and what is preserved is written first (a later value overrides it).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "graph/preserved.hpp"
#include "onnx/message_reader.hpp"

namespace slipway {

inline void read_string(const MessageReader& field, std::string& into, Preserved& preserved) {
  into = field.view();
  if (into.empty()) preserved.append(field.raw());
}

inline void read_integer(const MessageReader& field, int64_t& into, Preserved& preserved) {
  into = field.int64();
  if (into == 0) preserved.append(field.raw());
}

// Keeps an entry whose content is not spelled as the writer would spell it.
inline void keep_spelling(const MessageReader& field, std::string_view canonical, Preserved& preserved) {
  if (field.view() != canonical) preserved.append(field.raw());
}

// Remembers a message that may be there once. (Protobuf would merge two; in ONNX that is a damaged file.)
inline void set_once(const MessageReader& field, const char* what, std::optional<std::string_view>& into) {
  if (into) fail(ErrorCode::kInvalidModel, "{} is stated twice: the file is damaged", what);
  into = field.view();
}

}  // namespace slipway
