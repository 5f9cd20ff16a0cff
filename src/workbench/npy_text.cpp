#include "workbench/npy_text.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"

namespace slipway::workbench {
namespace {

bool is_character(uint32_t code) {
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

void append_utf8(std::string& text, uint32_t code) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

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

// The code point that begins at `position`, which moves behind it; -1 when it is not UTF-8 in its shortest
// form.
int64_t next_code(const std::string& text, size_t& position) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  const uint32_t lead = byte(position++);
  if (lead < 0x80) return lead;
  const int tails = lead >= 0xf0 && lead < 0xf8 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
  if (tails == 0 || lead >= 0xf8) return -1;
  constexpr uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  uint32_t code = lead & (0x3fu >> tails);
  for (int i = 0; i < tails; ++i, ++position) {
    if (position == text.size() || (byte(position) & 0xc0) != 0x80) return -1;
    code = (code << 6) | (byte(position) & 0x3f);
  }
  return code >= kLeast[tails] && is_character(code) ? int64_t{code} : -1;
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

NpyText encode_npy_text(std::span<const std::string> strings) {
  NpyText text;
  text.strings.reserve(strings.size());
  for (const std::string& string : strings) {
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
