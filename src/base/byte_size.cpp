#include "base/byte_size.hpp"

#include <cctype>
#include <charconv>
#include <cmath>

#include "base/error.hpp"

namespace slipway {
namespace {

constexpr std::string_view kUnits = "KMGT";

// What the number counts, or 0 for a unit that there is not.
double factor_of(std::string_view unit) {
  if (unit.empty() || unit == "B") return 1;
  const size_t power = kUnits.find(static_cast<char>(std::toupper(static_cast<unsigned char>(unit[0]))));
  const std::string_view rest = unit.substr(1);
  const bool is_known = power != std::string_view::npos && (rest.empty() || rest == "B" || rest == "iB");
  return is_known ? std::ldexp(1.0, 10 * (static_cast<int>(power) + 1)) : 0;
}

}  // namespace

size_t parse_byte_size(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  const double bytes = number * factor_of({rest, static_cast<size_t>(end - rest)});
  if (error != std::errc() || !(bytes >= 1 && bytes < 0x1p63))
    fail(ErrorCode::kInvalidArgument, "'{}' is no size of memory: it is written like 512M, 2G or 1073741824",
         text);
  return static_cast<size_t>(bytes);
}

std::string byte_size_text(size_t bytes) {
  std::string text = fmt::format("{} bytes", bytes);
  if (bytes < (size_t{1} << 20)) return text;
  double number = static_cast<double>(bytes) / 0x1p20;
  const char* unit = "MiB";
  for (const char* larger : {"GiB", "TiB", "PiB"}) {
    if (number < 1024) break;
    number /= 1024;
    unit = larger;
  }
  return text + fmt::format(" ({:.1f} {})", number, unit);
}

}  // namespace slipway
