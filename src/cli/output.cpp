#include "cli/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "base/error.hpp"

namespace slipway::cli {
namespace {

// Errors are shown as well as can be; when standard error is gone too, nobody is left to tell.
void print_on_stderr(const std::string& text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EPIPE) {
      throw BrokenPipe();
    } else if (errno != EINTR && errno != EAGAIN) {
      fail(ErrorCode::kIo, "standard output cannot be written: {}", std::strerror(errno));
    }
  }
}

void print_json(const nlohmann::ordered_json& value) {
  print(value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void print_error(const std::exception& error) {
  const auto* known = dynamic_cast<const Error*>(&error);
  if (!known) return print_on_stderr(fmt::format("slipway: error: {}\n", printable_lines(error.what())));
  std::string text = "slipway: error: " + printable_lines(known->reason(), "  ") + "\n";
  const auto& places = known->context();
  for (auto place = places.rbegin(); place != places.rend(); ++place)
    text += "  in " + printable(*place) + "\n";
  if (known->code() == ErrorCode::kInternal)
    text += "  This is a fault of slipway itself. Please report it with the command and the model.\n";
  print_on_stderr(text);
}

void print_usage_error(std::string_view message) {
  print_on_stderr(fmt::format("slipway: error: {}\n  Run slipway --help or slipway COMMAND --help.\n",
                              printable_lines(message)));
}

void print_note(std::string_view message) {
  print_on_stderr(fmt::format("slipway: note: {}\n", printable_lines(message, "  ")));
}

std::string printable_lines(std::string_view text, std::string_view indent) {
  std::string lines;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    if (begin > 0) (lines += '\n') += indent;
    lines += printable(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7f) {
      result += fmt::format("\\x{:02x}", code);
    } else {
      result += c;
    }
  }
  return result;
}

std::string human_bytes(double bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  size_t unit = 0;
  for (; bytes >= 999.95 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1000;
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string with_commas(int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<int64_t>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

}  // namespace slipway::cli
