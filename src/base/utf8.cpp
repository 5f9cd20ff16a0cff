#include "base/utf8.hpp"

namespace slipway {

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

int64_t next_code(std::string_view text, size_t& position) {
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

}  // namespace slipway
