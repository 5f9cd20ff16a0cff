// Unicode characters in UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace slipway {

// Is it a code point that stands for a character: in range and no surrogate?
bool is_character(uint32_t code);

// `code` must be a character.
void append_utf8(std::string& text, uint32_t code);

// The code point that begins at `position` (< text.size()), which moves behind it; -1 when it is not UTF-8 in
// its shortest form.
int64_t next_code(std::string_view text, size_t& position);

}  // namespace slipway
