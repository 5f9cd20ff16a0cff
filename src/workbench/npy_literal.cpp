#include "workbench/npy_literal.hpp"

#include <limits>

#include "base/error.hpp"

namespace slipway::workbench {

char NpyLiteral::peek() {
  while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n')) ++position_;
  return position_ < text_.size() ? text_[position_] : '\0';
}

bool NpyLiteral::accept(char expected) {
  if (peek() != expected || position_ == text_.size()) return false;
  ++position_;
  return true;
}

void NpyLiteral::expect(char expected) {
  if (!accept(expected)) fail_expecting(fmt::format("'{}'", expected));
}

std::string NpyLiteral::read_string() {
  const char quote = peek();
  if (quote != '\'' && quote != '"') fail_expecting("a string");
  const size_t end = text_.find(quote, position_ + 1);
  if (end == std::string_view::npos) fail_expecting("a string that ends");
  const std::string_view content = text_.substr(position_ + 1, end - position_ - 1);
  if (content.find('\\') != std::string_view::npos) fail_expecting("a string without escapes");
  position_ = end + 1;
  return std::string(content);
}

bool NpyLiteral::read_bool() {
  peek();
  for (const bool value : {true, false}) {
    const std::string_view spelling = value ? "True" : "False";
    if (text_.substr(position_, spelling.size()) != spelling) continue;
    position_ += spelling.size();
    return value;
  }
  fail_expecting("True or False");
}

int64_t NpyLiteral::read_size() {
  if (peek() < '0' || peek() > '9') fail_expecting("a number that is not negative");
  int64_t value = 0;
  for (; position_ < text_.size() && text_[position_] >= '0' && text_[position_] <= '9'; ++position_) {
    const int digit = text_[position_] - '0';
    if (value > (std::numeric_limits<int64_t>::max() - digit) / 10) fail_expecting("a number below 2^63");
    value = value * 10 + digit;
  }
  if (position_ < text_.size() && text_[position_] == 'L') ++position_;
  return value;
}

void NpyLiteral::fail_expecting(const std::string& what) {
  fail(ErrorCode::kInvalidArgument, "the .npy header is malformed: {} was expected at character {}", what,
       position_);
}

}  // namespace slipway::workbench
