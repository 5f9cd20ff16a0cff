#include "engine/kernels/strided_sum.hpp"

#include <algorithm>

#include "engine/ceil_div.hpp"

namespace slipway::engine {
namespace {

// Numbers that one piece of work adds up, about.
constexpr int64_t kPiece = 16384;
// Sums that go on side by side: an addition takes longer than the processor takes to begin the next.
constexpr int64_t kChains = 4;

}  // namespace

StridedSum::StridedSum(Dims kept_sizes, Dims kept_strides, const Dims& sizes, const Dims& strides)
    : kept_sizes_(std::move(kept_sizes)), kept_strides_(std::move(kept_strides)), offsets_{0} {
  for (const int64_t size : kept_sizes_) count_ *= size;
  const auto innermost = std::min_element(strides.begin(), strides.end()) - strides.begin();
  for (size_t axis = 0; axis < sizes.size(); ++axis) {
    if (static_cast<std::ptrdiff_t>(axis) == innermost) {
      run_ = sizes[axis], step_ = strides[axis];
      continue;
    }
    CountedVector<int64_t> next;
    for (const int64_t offset : offsets_)
      for (int64_t i = 0; i < sizes[axis]; ++i) next.push_back(offset + i * strides[axis]);
    offsets_ = std::move(next);
  }
}

float StridedSum::sum(const float* from) const {
  double sums[kChains] = {};
  for (const int64_t offset : offsets_) {
    const float* at = from + offset;
    int64_t i = 0;
    for (; i + kChains <= run_; i += kChains)
      for (int64_t chain = 0; chain < kChains; ++chain) sums[chain] += double{at[(i + chain) * step_]};
    for (; i < run_; ++i) sums[0] += double{at[i * step_]};
  }
  return static_cast<float>((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

void StridedSum::run(const float* from, float* to, ThreadPool& pool) const {
  const int64_t length = run_ * static_cast<int64_t>(offsets_.size());
  const int64_t per_piece = std::max<int64_t>(1, kPiece / length);
  pool.parallel_for(static_cast<size_t>(ceil_div(count_, per_piece)), [&](size_t piece, int) {
    const int64_t first = static_cast<int64_t>(piece) * per_piece;
    for (int64_t i = first; i < std::min(first + per_piece, count_); ++i) {
      int64_t offset = 0, rest = i;
      for (size_t axis = kept_sizes_.size(); axis-- > 0; rest /= kept_sizes_[axis])
        offset += rest % kept_sizes_[axis] * kept_strides_[axis];
      to[i] = sum(from + offset);
    }
  });
}

}  // namespace slipway::engine
