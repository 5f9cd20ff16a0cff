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
std::string map_letters(std::string_view text, Map map) {
  std::string mapped;
  for (size_t position = 0; position < text.size();) {
    const size_t begin = position;
    const int64_t code = next_code(text, position);
    if (code >= 0)
      append_utf8(mapped, static_cast<uint32_t>(map(static_cast<wint_t>(code), unicode())));
    else
      mapped += text.substr(begin, position - begin);
  }
  return mapped;
}

}  // namespace

std::string to_lower(std::string_view text) {
  return map_letters(text, towlower_l);
}

std::string to_upper(std::string_view text) {
  return map_letters(text, towupper_l);
}

}  // namespace slipway::ops
