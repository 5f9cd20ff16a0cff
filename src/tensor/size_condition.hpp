// A condition on sizes as a model states it beyond the types of its inputs: "batch >= 2", "4 <= h <= 512",
// "h % 8 == 0", "h == 1 or h == w". Names stand for sizes; sums, products, //, %, max and min are computed in
// whole numbers as Python computes them, and so is math.trunc(1.5*torch.sym_float(h)), what PyTorch says of a
// size that a real factor makes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// A name that conditions can speak of: letters, digits and _, no digit in front.
bool is_size_name(std::string_view text);

class SizeCondition {
 public:
  static constexpr size_t kMaxText = 4096;

  // Comparisons of expressions by == != < <= > >=, one or a chain, and several joined by `and` and `or`.
  // Nothing for a text that is something else, longer than kMaxText or nested deeper than a limit.
  static std::optional<SizeCondition> parse(std::string_view text);

  const std::string& text() const { return text_; }  // as it was spelled
  // The names in it, each once, in their order.
  const std::vector<std::string>& names() const { return names_; }
  // Does it hold for sizes[i] of names()[i]? No where it cannot be computed: a division by zero, a number
  // beyond 64 bits. Takes time in proportion to the text.
  bool holds(std::span<const int64_t> sizes) const;

 private:
  friend class SizeConditionParser;
  enum class Operation : uint8_t {
    kNumber,
    kName,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kRemainder,
    kMaximum,
    kMinimum,
    kScale
  };
  enum class Comparison : uint8_t { kEqual, kUnequal, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
  struct Step {
    Operation operation;
    int64_t operand = 0;  // the number; the index of the name
    double factor = 1;    // of kScale, whose result is cut off
  };
  using Expression = std::vector<Step>;  // each operation behind its operands
  // side, comparison, side, comparison, side …
  struct Chain {
    std::vector<Expression> sides;
    std::vector<Comparison> comparisons;

    bool holds(std::span<const int64_t> sizes) const;
  };

  static std::optional<int64_t> compute(Operation operation, int64_t a, int64_t b);
  static std::optional<int64_t> evaluate(const Expression& expression, std::span<const int64_t> sizes);
  static bool compare(Comparison comparison, int64_t a, int64_t b);

  std::string text_;
  std::vector<std::string> names_;
  std::vector<std::vector<Chain>> alternatives_;  // all of one must hold
};

}  // namespace slipway
