// LpNormalization of f32 tensors along any axis: [outer][size][inner]. Along the last axis vectors go along
// the line; otherwise they lie across, one line a lane.
#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/lp_normalization.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/float_math-inl.hpp"
#include "ops/inference_context.hpp"

#ifndef SLIPWAY_LP_NORMALIZATION_ONCE
#define SLIPWAY_LP_NORMALIZATION_ONCE
namespace slipway::engine {

// Neighbouring lines of `size` numbers; from one number to the next, and from one line to the next.
struct NormLines {
  const float* in;
  float* out;
  int64_t size, step;
  int64_t lines, line_step;
  bool squares;  // p = 2
};

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {

// Numbers whose powers are added in f32 before the sum goes on in double.
constexpr int64_t kVectorsPerSum = 64, kRowsPerSum = 16;

HWY_INLINE FloatVector power_of(FloatVector x, bool squares) {
  return squares ? hn::Mul(x, x) : hn::Abs(x);
}

// Squares of f32 numbers may be too large or too small for f32.
HWY_INLINE bool is_exact(double sum) {
  return sum > 1e-30 && sum < 1e30;
}

double exact_sum(const NormLines& run, const float* in) {
  double sum = 0;
  for (int64_t i = 0; i < run.size; ++i) {
    const double x = double{in[i * run.step]};
    sum += run.squares ? x * x : std::fabs(x);
  }
  return sum;
}

// What a line is multiplied with, given its sum; a line of zeros stays one.
HWY_INLINE double factor_of(double sum, bool squares) {
  return sum == 0 ? 0 : 1 / (squares ? std::sqrt(sum) : sum);
}

HWY_INLINE void normalize_slowly(const NormLines& run, const float* in, float* out) {
  const double sum = exact_sum(run, in), norm = run.squares ? std::sqrt(sum) : sum;
  for (int64_t i = 0; i < run.size; ++i)
    out[i * run.step] = norm == 0 ? 0.0f : static_cast<float>(double{in[i * run.step]} / norm);
}

HWY_INLINE void normalize_row(const NormLines& run, const float* in, float* out) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), step = kVectorsPerSum * lanes;
  double sum = 0;
  for (int64_t begin = 0; begin < run.size; begin += step) {
    const int64_t end = std::min(run.size, begin + step);
    FloatVector even = hn::Zero(d), odd = hn::Zero(d);
    int64_t i = begin;
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      even = hn::Add(even, power_of(hn::LoadU(d, in + i), run.squares));
      odd = hn::Add(odd, power_of(hn::LoadU(d, in + i + lanes), run.squares));
    }
    for (; i + lanes <= end; i += lanes) even = hn::Add(even, power_of(hn::LoadU(d, in + i), run.squares));
    if (i < end) odd = hn::Add(odd, power_of(load_part(in + i, end - i, 0.0f), run.squares));
    sum += double{hn::GetLane(hn::SumOfLanes(d, hn::Add(even, odd)))};
  }
  if (!is_exact(sum)) return normalize_slowly(run, in, out);
  const FloatVector factor = constant(static_cast<float>(factor_of(sum, run.squares)));
  int64_t i = 0;
  for (; i + lanes <= run.size; i += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, in + i), factor), d, out + i);
  if (i < run.size) store_part(hn::Mul(load_part(in + i, run.size - i, 0.0f), factor), out + i, run.size - i);
}

// A vector of lines side by side, of which `count` are there.
HWY_INLINE void normalize_columns(const NormLines& run, const float* in, float* out, int64_t count) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto load = [&](int64_t i) HWY_ATTR {
    const float* from = in + i * run.step;
    return count == lanes ? hn::LoadU(d, from) : load_part(from, count, 0.0f);
  };
  double sums[HWY_MAX_BYTES / sizeof(float)] = {};
  HWY_ALIGN float parts[HWY_MAX_BYTES / sizeof(float)];
  for (int64_t begin = 0; begin < run.size; begin += kRowsPerSum) {
    FloatVector part = hn::Zero(d);
    for (int64_t i = begin; i < std::min(run.size, begin + kRowsPerSum); ++i)
      part = hn::Add(part, power_of(load(i), run.squares));
    hn::Store(part, d, parts);
    for (int64_t lane = 0; lane < count; ++lane) sums[lane] += double{parts[lane]};
  }
  std::fill(parts, parts + lanes, 0.0f);
  bool exact = true;
  for (int64_t lane = 0; lane < count; ++lane) {
    exact = exact && is_exact(sums[lane]);
    parts[lane] = static_cast<float>(factor_of(sums[lane], run.squares));
  }
  if (!exact) {
    for (int64_t lane = 0; lane < count; ++lane) normalize_slowly(run, in + lane, out + lane);
    return;
  }
  const FloatVector factor = hn::Load(d, parts);
  for (int64_t i = 0; i < run.size; ++i) {
    const FloatVector y = hn::Mul(load(i), factor);
    if (count == lanes)
      hn::StoreU(y, d, out + i * run.step);
    else
      store_part(y, out + i * run.step, count);
  }
}

void NormalizeLines(const NormLines& run) {
  if (run.step == 1) {
    for (int64_t line = 0; line < run.lines; ++line)
      normalize_row(run, run.in + line * run.line_step, run.out + line * run.line_step);
    return;
  }
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(FloatTag()));
  for (int64_t line = 0; line < run.lines; line += lanes)
    normalize_columns(run, run.in + line, run.out + line, std::min(lanes, run.lines - line));
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(NormalizeLines);

namespace {

// Lines across of one piece of work: a page of each row. Lines along hold about so many numbers together.
constexpr int64_t kColumns = 1024, kPiece = 8192;

class LpNormalization : public Kernel {
 public:
  LpNormalization(const Dims& dims, size_t axis, bool squares) : size_(dims[axis]), squares_(squares) {
    for (size_t i = 0; i < axis; ++i) outer_ *= dims[i];
    for (size_t i = axis + 1; i < dims.size(); ++i) inner_ *= dims[i];
  }

  void run(const KernelRun& run) const override {
    const bool along = inner_ == 1;
    const int64_t lines = along ? outer_ : inner_,
                  per_piece = along ? std::max<int64_t>(1, kPiece / size_) : kColumns,
                  pieces = ceil_div(lines, per_piece);
    run.pool.parallel_for(static_cast<size_t>(along ? pieces : outer_ * pieces), [&](size_t piece, int) {
      const int64_t outer = along ? 0 : static_cast<int64_t>(piece) / pieces,
                    first = static_cast<int64_t>(piece) % pieces * per_piece;
      const int64_t place = along ? first * size_ : outer * size_ * inner_ + first;
      HWY_DYNAMIC_DISPATCH(NormalizeLines)
      ({run.input_floats(0) + place, run.output_floats(0) + place, size_, inner_,
        std::min(per_piece, lines - first), along ? size_ : 1, squares_});
    });
  }

 private:
  int64_t outer_ = 1, size_, inner_ = 1;
  bool squares_;
};

}  // namespace

std::unique_ptr<Kernel> make_lp_normalization(const KernelRequest& request) {
  const Dims& dims = request.shapes.inputs[0];
  if (!request.is_all_float() || dims.empty()) return nullptr;
  const size_t axis = ops::normalize_axis(request.node().int_attribute("axis", -1), dims.size());
  return std::make_unique<LpNormalization>(dims, axis, request.node().int_attribute("p", 2) == 2);
}

}  // namespace slipway::engine
#endif
