// What the quantising operators have in common: which scale belongs to which element, and how a scaled value
// becomes a stored one.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "graph/node.hpp"
#include "tensor/tensor.hpp"

namespace slipway::ops {

// One scale for the whole tensor, one for each place along an axis, or one for each block of places.
class Granularity {
 public:
  // By the attributes axis and block_size. Throws kInvalidModel when `scale` is no shape of scales for a
  // tensor of shape `dims`.
  Granularity(const Node& node, const Dims& dims, const Dims& scale);

  // visit(index of the element, index of its scale) for all elements, in memory's order.
  template <typename Visit>
  void visit(Visit visit) const {
    size_t element = 0;
    for (int64_t outer = 0; outer < outer_; ++outer)
      for (int64_t place = 0; place < size_; ++place) {
        const int64_t row = outer * outer_stride_ + place / block_ * place_stride_;
        for (int64_t inner = 0; inner < inner_; ++inner)
          visit(element++, static_cast<size_t>(row + inner * inner_stride_));
      }
  }

  // Neighbouring elements whose scales are one and the same or, with `each`, neighbours too.
  struct Run {
    int64_t element;
    int64_t count;
    int64_t scale;  // index of the first one's
    bool each;
  };
  // visit(Run) for the elements [begin, end), in memory's order.
  template <typename Visit>
  void visit_runs(int64_t begin, int64_t end, Visit visit) const {
    const bool along_inner = inner_ > 1 || size_ == 1;
    while (begin < end) {
      const int64_t inner = begin % inner_, place = begin / inner_ % size_, outer = begin / inner_ / size_;
      int64_t count = inner_ - inner;
      if (!along_inner) count = std::min(size_ - place, block_ > 1 ? block_ - place % block_ : size_);
      const bool each = along_inner ? inner_stride_ != 0 : block_ == 1 && place_stride_ != 0;
      const Run run{begin, std::min(count, end - begin),
                    outer * outer_stride_ + place / block_ * place_stride_ + inner * inner_stride_, each};
      visit(run);
      begin += run.count;
    }
  }

 private:
  int64_t outer_ = 1, size_ = 1, inner_ = 1;
  int64_t block_ = 1;
  int64_t outer_stride_ = 0, place_stride_ = 0, inner_stride_ = 0;
};

// Do scales and zero points belong together? One number may be a scalar here and a vector of one there: files
// have both.
inline bool same_entries(const Dims& scale, const Dims& zero_point) {
  return scale == zero_point || (element_count(scale) == 1 && element_count(zero_point) == 1 &&
                                 scale.size() <= 1 && zero_point.size() <= 1);
}

struct IntegerRange {
  double lowest;
  double highest;
};

// Of a type that values are quantised to; nothing for floats, which are not rounded to integers.
std::optional<IntegerRange> integer_range(DataType type);

// value / scale as it is stored, in f64: integers rounded half to even, shifted by the zero point and
// saturated (what is no number becomes the lowest one), floats shifted alone.
inline double quantized(double scaled, double zero_point, const std::optional<IntegerRange>& range) {
  if (!range) return scaled + zero_point;
  const double shifted = std::nearbyint(scaled) + zero_point;
  if (shifted >= range->highest) return range->highest;
  return shifted > range->lowest ? shifted : range->lowest;
}

}  // namespace slipway::ops
