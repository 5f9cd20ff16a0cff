#include "ops/letter_case.hpp"

#include <locale.h>  // NOLINT: newlocale is POSIX's

#include <cwctype>

#include "base/error.hpp"
#include "base/utf8.hpp"

namespace slipway::ops {
namespace {

// C.UTF-8 comes with the C library and has Unicode's mappings.
locale_t unicode() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (!locale) fail(ErrorCode::kUnsupported, "this machine's C library has no locale 'C.UTF-8'");
  return locale;
}

template <typename Map>
Text map_letters(std::string_view text, Map map) {
  Text mapped;
  std::string letter;
  for (size_t position = 0; position < text.size();) {
    const size_t begin = position;
    const int64_t code = next_code(text, position);
    letter.clear();
    if (code >= 0) append_utf8(letter, static_cast<uint32_t>(map(static_cast<wint_t>(code), unicode())));
    mapped += code >= 0 ? std::string_view(letter) : text.substr(begin, position - begin);
  }
  return mapped;
}

}  // namespace

Text to_lower(std::string_view text) {
  return map_letters(text, towlower_l);
}

Text to_upper(std::string_view text) {
  return map_letters(text, towupper_l);
}

}  // namespace slipway::ops
