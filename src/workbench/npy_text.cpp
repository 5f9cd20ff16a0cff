#include "workbench/npy_text.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "base/utf8.hpp"

namespace slipway::workbench {
namespace {

std::string decode_unicode(std::span<const std::byte> item, bool big_endian) {
  std::vector<uint32_t> codes(item.size() / 4);
  for (size_t i = 0; i < codes.size(); ++i)
    for (size_t byte = 0; byte < 4; ++byte)
      codes[i] |= static_cast<uint32_t>(item[4 * i + byte]) << (8 * (big_endian ? 3 - byte : byte));
  while (!codes.empty() && codes.back() == 0) codes.pop_back();
  std::string text;
  for (const uint32_t code : codes) {
    if (!is_character(code))
      fail(ErrorCode::kInvalidArgument, "the .npy file holds {:#x}, which is no Unicode character", code);
    append_utf8(text, code);
  }
  return text;
}

std::string decode_bytes(std::span<const std::byte> item) {
  std::string text(reinterpret_cast<const char*>(item.data()), item.size());
  text.erase(text.find_last_not_of('\0') + 1);
  return text;
}

}  // namespace

std::vector<std::string> decode_npy_text(const NpyHeader& header, std::span<const std::byte> elements) {
  std::vector<std::string> strings(static_cast<size_t>(header.count));
  for (size_t i = 0; i < strings.size(); ++i) {
    const auto item = elements.subspan(i * header.item_size, header.item_size);
    strings[i] = header.text == NpyHeader::Text::kUnicode ? decode_unicode(item, header.big_endian)
                                                          : decode_bytes(item);
  }
  return strings;
}

NpyText encode_npy_text(std::span<const Text> strings) {
  NpyText text;
  text.strings.reserve(strings.size());
  for (const Text& string : strings) {
    std::u32string codes;
    for (size_t position = 0; position < string.size();) {
      const int64_t code = next_code(string, position);
      if (code < 0)
        fail(ErrorCode::kInvalidArgument, "string {} is not UTF-8; a .npy file cannot hold it",
             text.strings.size());
      codes.push_back(static_cast<char32_t>(code));
    }
    if (!codes.empty() && codes.back() == 0)
      fail(ErrorCode::kInvalidArgument, "string {} ends with NUL; a .npy file cannot hold it",
           text.strings.size());
    text.width = std::max(text.width, codes.size());
    text.strings.push_back(std::move(codes));
  }
  return text;
}

}  // namespace slipway::workbench
