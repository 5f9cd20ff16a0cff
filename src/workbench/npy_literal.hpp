// Reads the few kinds of Python literals that a .npy header may hold. A cursor over text; every step checks
// what is there and throws kInvalidArgument saying what was expected.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slipway::workbench {

class NpyLiteral {
 public:
  explicit NpyLiteral(std::string_view text) : text_(text) {}

  // The next character that is no blank, or '\0' at the end. Does not move.
  char peek();
  // Moves over `expected` if it comes next.
  bool accept(char expected);
  void expect(char expected);
  std::string read_string();  // '…' or "…", without escapes
  bool read_bool();           // True or False
  int64_t read_size();        // a decimal number that fits into an int64_t; Python 2's L may follow
  bool at_end() { return peek() == '\0' && position_ == text_.size(); }

 private:
  [[noreturn]] void fail_expecting(const std::string& what);

  std::string_view text_;
  size_t position_ = 0;
};

}  // namespace slipway::workbench
