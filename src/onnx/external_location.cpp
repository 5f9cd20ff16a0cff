#include "onnx/external_location.hpp"

#include <charconv>

#include "base/error.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"

namespace slipway {
namespace {

uint64_t parse_number(std::string_view key, std::string_view text) {
  uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size())
    fail(ErrorCode::kInvalidModel, "the {} of external data must be a number of bytes, but '{}' is there",
         key, shown(text));
  return number;
}

}  // namespace

void read_external_entry(std::string_view message, ExternalLocation& into) {
  std::string_view key, value;
  for (MessageReader field(message); field.next();) {
    if (field.key() == length_key(onnx_field::Entry::kKey)) key = field.view();
    if (field.key() == length_key(onnx_field::Entry::kValue)) value = field.view();
  }
  if (key == "location") into.location = value;
  if (key == "offset") into.offset = parse_number(key, value);
  if (key == "length") into.length = parse_number(key, value);
}

}  // namespace slipway
