// One dimension of a shape as a model states it: a number, a symbol or an expression over symbols
// ("batch", "3*h", "floor((w + 1)/2)"), or unknown. Arithmetic keeps what can be known; two expressions that
// are equal as polynomials compare equal. Results that are negative, do not fit into 64 bits or grow beyond
// Polynomial's limits are unknown. A text that is no expression ("batch size?") is a symbol as a whole.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

class Polynomial;

class Dim {
 public:
  Dim() = default;                       // unknown
  Dim(int64_t value) : value_(value) {}  // NOLINT: numbers are dimensions
  static Dim symbol(std::string text);   // a name or an expression; "" is unknown

  bool is_known() const { return value_ >= 0; }
  bool is_symbolic() const { return expression_ != nullptr; }
  bool is_unknown() const { return value_ < 0 && !expression_; }
  int64_t value() const { return value_; }  // only when is_known()
  const std::string& text() const;          // only when is_symbolic(); as it was spelled

  // The number, the text, or "?". What arithmetic made is spelled in one way: "3*h", "h + 1",
  // "floor((h + 1)/2)".
  std::string to_string() const;
  // The dimension with symbols replaced by numbers; what stays open stays symbolic.
  Dim substitute(const std::map<std::string, int64_t, std::less<>>& symbols) const;

  // Equal as expressions. Two unknown dimensions are not known to be equal: false.
  friend bool operator==(const Dim& a, const Dim& b);
  friend Dim operator+(const Dim& a, const Dim& b);
  friend Dim operator-(const Dim& a, const Dim& b);
  friend Dim operator*(const Dim& a, const Dim& b);

 private:
  friend Dim floor_div(const Dim& a, int64_t divisor);
  struct Expression;
  Polynomial polynomial() const;  // only when not unknown
  static Dim from(std::optional<Polynomial> polynomial);

  int64_t value_ = -1;
  std::shared_ptr<const Expression> expression_;
};

// floor(a / divisor); divisor > 0. Exact where every coefficient divides.
Dim floor_div(const Dim& a, int64_t divisor);

// A shape of known rank.
using Shape = std::vector<Dim>;
// A shape of numbers, as tensors have.
using Dims = std::vector<int64_t>;

std::string to_string(const Shape& shape);  // "[batch,3,h,w]"
std::string to_string(const Dims& dims);    // "[1,3,224,224]"
// The dimensions if every one is known.
bool all_known(const Shape& shape);
Dims known_dims(const Shape& shape);  // only when all_known
// No memory holds more elements, and their bytes and bits can be counted in an int64_t.
inline constexpr int64_t kMostElements = int64_t{1} << 56;
// Beside an axis of size 0 no element pays for the others, but whoever walks along them spends time.
inline constexpr int64_t kMostBesideEmpty = int64_t{1} << 31;
// Dimensions that a tensor may have.
inline constexpr size_t kMaxTensorRank = 64;
// Throws kInvalidModel for more than kMaxTensorRank.
void check_tensor_rank(size_t rank);
// Number of elements. Throws kOutOfMemory when there are more than kMostElements, kInvalidArgument when a
// dimension is negative, kInvalidModel when there are too many. Axes of size 0 do not make others smaller:
// their product is bounded too, so that strides and the parts of any tensor's dimensions can be multiplied
// without a thought, and loops over a part of them end.
int64_t element_count(const Dims& dims);

}  // namespace slipway
