// Reductions of f32 tensors over neighbouring axes, [outer][size][inner], and global pooling, which is one.
// Sums go on in double after few f32 additions, or are compensated, so that errors do not grow with the
// number of elements.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/reduction.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernel.hpp"
#include "engine/kernels/float_math-inl.hpp"
#include "ops/inference_context.hpp"
#include "ops/kernel_context.hpp"

#ifndef SLIPWAY_REDUCTION_ONCE
#define SLIPWAY_REDUCTION_ONCE
namespace slipway::engine {

enum class Reduced : uint8_t { kSum, kSumOfSquares, kSumOfSizes, kMaximum, kMinimum };

// What no element changes.
inline double neutral(Reduced kind) {
  if (kind == Reduced::kMaximum) return -HUGE_VAL;
  return kind == Reduced::kMinimum ? HUGE_VAL : 0.0;
}
inline double combine(Reduced kind, double a, double b) {
  if (kind == Reduced::kMaximum) return b > a || b != b ? b : a;
  if (kind == Reduced::kMinimum) return b < a || b != b ? b : a;
  return a + b;
}

constexpr bool is_sum(Reduced kind) {
  return kind != Reduced::kMaximum && kind != Reduced::kMinimum;
}

// Squares of f32 numbers may be too large or too small for f32, and sums of any too large.
inline double exact_above(Reduced kind, int64_t count) {
  return kind == Reduced::kSumOfSquares ? 1e-30 * static_cast<double>(count) : -HUGE_VAL;
}
inline bool is_exact(Reduced kind, double sum, int64_t count) {
  return sum > exact_above(kind, count) && sum < HUGE_VAL;
}

// In double, which holds them all.
inline double exact_sum(Reduced kind, const float* in, int64_t count, int64_t stride) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double x = double{in[i * stride]};
    sum += kind == Reduced::kSumOfSquares ? x * x : kind == Reduced::kSumOfSizes ? std::fabs(x) : x;
  }
  return sum;
}

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {

// Vectors that are added in f32 before the sum goes on in double.
constexpr int64_t kVectorsPerSum = 64;
// Rows of columns likewise, before sums are compensated.
constexpr int64_t kRowsPerSum = 16;

template <Reduced kKind>
HWY_INLINE FloatVector prepare(FloatVector x) {
  if constexpr (kKind == Reduced::kSumOfSquares) return hn::Mul(x, x);
  if constexpr (kKind == Reduced::kSumOfSizes) return hn::Abs(x);
  return x;
}

// A NaN on either side stays.
template <Reduced kKind>
HWY_INLINE FloatVector extreme(FloatVector a, FloatVector b) {
  const auto better = kKind == Reduced::kMaximum ? hn::Gt(b, a) : hn::Lt(b, a);
  return hn::IfThenElse(hn::Or(better, hn::IsNaN(b)), b, a);
}

// Of numbers; NaN is looked for beside it.
template <Reduced kKind>
HWY_INLINE FloatVector extreme_number(FloatVector a, FloatVector b) {
  return kKind == Reduced::kMaximum ? hn::Max(a, b) : hn::Min(a, b);
}

// take(part, vector) for the vectors of floats [begin, end), by four parts in turns. Each part is named where
// it is used: chosen by a variable, all of them would lie in memory.
template <typename Take>
HWY_INLINE void take_vectors(const float* in, int64_t begin, int64_t end, float filler,
                             FloatVector (&parts)[4], const Take& take) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = begin;
  for (; i + 4 * lanes <= end; i += 4 * lanes) {
    take(parts[0], hn::LoadU(d, in + i));
    take(parts[1], hn::LoadU(d, in + i + lanes));
    take(parts[2], hn::LoadU(d, in + i + 2 * lanes));
    take(parts[3], hn::LoadU(d, in + i + 3 * lanes));
  }
  const int64_t whole = (end - i) / lanes;
  if (whole > 0) take(parts[0], hn::LoadU(d, in + i));
  if (whole > 1) take(parts[1], hn::LoadU(d, in + i + lanes));
  if (whole > 2) take(parts[2], hn::LoadU(d, in + i + 2 * lanes));
  i += whole * lanes;
  if (i < end) take(parts[3], load_rest(in, end, end - i, filler));
}

template <Reduced kKind>
double extreme_of_row(const float* in, int64_t count) {
  const FloatTag d;
  const FloatVector first = constant(in[0]);
  FloatVector parts[4] = {first, first, first, first};
  auto nan = hn::IsNaN(first);
  const auto take = [&](FloatVector& part, FloatVector x) HWY_ATTR {
    part = extreme_number<kKind>(part, x);
    nan = hn::Or(nan, hn::IsNaN(x));
  };
  take_vectors(in, 0, count, in[0], parts, take);
  if (!hn::AllFalse(d, nan)) return std::numeric_limits<double>::quiet_NaN();
  const FloatVector all = extreme_number<kKind>(extreme_number<kKind>(parts[0], parts[1]),
                                                extreme_number<kKind>(parts[2], parts[3]));
  return double{hn::GetLane(kKind == Reduced::kMaximum ? hn::MaxOfLanes(d, all) : hn::MinOfLanes(d, all))};
}

template <Reduced kKind>
double sum_of_row(const float* in, int64_t count) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), step = kVectorsPerSum * lanes;
  double result = 0;
  for (int64_t begin = 0; begin < count; begin += step) {
    const int64_t end = std::min(count, begin + step);
    FloatVector parts[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    const auto take = [&](FloatVector& part, FloatVector x)
                          HWY_ATTR { part = hn::Add(part, prepare<kKind>(x)); };
    take_vectors(in, begin, end, 0.0f, parts, take);
    const FloatVector sum = hn::Add(hn::Add(parts[0], parts[1]), hn::Add(parts[2], parts[3]));
    result += double{hn::GetLane(hn::SumOfLanes(d, sum))};
  }
  return is_exact(kKind, result, count) ? result : exact_sum(kKind, in, count, 1);
}

// One result for each of `rows` rows of `count` elements, `stride` apart.
template <Reduced kKind>
void reduce_rows(const float* in, int64_t rows, int64_t stride, int64_t count, double* results) {
  for (int64_t row = 0; row < rows; ++row, in += stride)
    if constexpr (is_sum(kKind))
      results[row] = sum_of_row<kKind>(in, count);
    else
      results[row] = extreme_of_row<kKind>(in, count);
}

void ReduceRows(Reduced kind, const float* in, int64_t rows, int64_t stride, int64_t count, double* results) {
  switch (kind) {
    case Reduced::kSum:
      return reduce_rows<Reduced::kSum>(in, rows, stride, count, results);
    case Reduced::kSumOfSquares:
      return reduce_rows<Reduced::kSumOfSquares>(in, rows, stride, count, results);
    case Reduced::kSumOfSizes:
      return reduce_rows<Reduced::kSumOfSizes>(in, rows, stride, count, results);
    case Reduced::kMaximum:
      return reduce_rows<Reduced::kMaximum>(in, rows, stride, count, results);
    case Reduced::kMinimum:
      return reduce_rows<Reduced::kMinimum>(in, rows, stride, count, results);
  }
}

// kVectors vectors of columns, `size` rows `stride` floats apart; `load(from)` loads one. Sums of few rows
// are added up compensated as Kahan's.
template <Reduced kKind, int kVectors, typename Load>
HWY_INLINE void reduce_vectors(const float* in, int64_t size, int64_t stride, Load load,
                               FloatVector (&result)[kVectors]) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int v = 0; v < kVectors; ++v) result[v] = constant(static_cast<float>(neutral(kKind)));
  if constexpr (!is_sum(kKind)) {
    for (int64_t i = 0; i < size; ++i)
      for (int v = 0; v < kVectors; ++v)
        result[v] = extreme<kKind>(result[v], load(in + i * stride + v * lanes));
  } else {
    FloatVector lost[kVectors];
    for (int v = 0; v < kVectors; ++v) lost[v] = hn::Zero(d);
    for (int64_t begin = 0; begin < size; begin += kRowsPerSum) {
      FloatVector part[kVectors];
      for (int v = 0; v < kVectors; ++v) part[v] = prepare<kKind>(load(in + begin * stride + v * lanes));
      for (int64_t i = begin + 1; i < std::min(size, begin + kRowsPerSum); ++i)
        for (int v = 0; v < kVectors; ++v)
          part[v] = hn::Add(part[v], prepare<kKind>(load(in + i * stride + v * lanes)));
      for (int v = 0; v < kVectors; ++v) {
        const FloatVector addend = hn::Sub(part[v], lost[v]), next = hn::Add(result[v], addend);
        const FloatVector error = hn::Sub(hn::Sub(next, result[v]), addend);
        // Beyond the largest float nothing is lost any more, it is all gone.
        lost[v] = hn::IfThenElseZero(hn::IsFinite(next), error);
        result[v] = next;
      }
    }
  }
}

// Were all sums exact?
template <Reduced kKind>
bool reduce_columns(const float* in, int64_t size, int64_t stride, int64_t columns, float* out) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const FloatVector above = constant(static_cast<float>(exact_above(kKind, size))),
                    below = constant(HUGE_VALF);
  auto exact = hn::Eq(below, below);
  const auto check = [&](FloatVector sum) HWY_ATTR {
    if constexpr (is_sum(kKind)) exact = hn::And(exact, hn::And(hn::Gt(sum, above), hn::Lt(sum, below)));
  };
  const auto whole = [](const float* from) HWY_ATTR { return hn::LoadU(FloatTag(), from); };
  FloatVector four[4], one[1];
  int64_t i = 0;
  for (; i + 4 * lanes <= columns; i += 4 * lanes) {
    reduce_vectors<kKind>(in + i, size, stride, whole, four);
    for (int64_t v = 0; v < 4; ++v) {
      check(four[v]);
      hn::StoreU(four[v], d, out + i + v * lanes);
    }
  }
  for (; i < columns; i += lanes) {
    const int64_t valid = std::min(lanes, columns - i);
    const auto part = [&](const float* from) HWY_ATTR { return load_part(from, valid, 1.0f); };
    if (valid == lanes) {
      reduce_vectors<kKind>(in + i, size, stride, whole, one);
      hn::StoreU(one[0], d, out + i);
    } else {
      reduce_vectors<kKind>(in + i, size, stride, part, one);
      store_part(one[0], out + i, valid);
    }
    check(one[0]);
  }
  return hn::AllTrue(d, exact);
}

bool ReduceColumns(Reduced kind, const float* in, int64_t size, int64_t stride, int64_t columns, float* out) {
  switch (kind) {
    case Reduced::kSum:
      return reduce_columns<Reduced::kSum>(in, size, stride, columns, out);
    case Reduced::kSumOfSquares:
      return reduce_columns<Reduced::kSumOfSquares>(in, size, stride, columns, out);
    case Reduced::kSumOfSizes:
      return reduce_columns<Reduced::kSumOfSizes>(in, size, stride, columns, out);
    case Reduced::kMaximum:
      return reduce_columns<Reduced::kMaximum>(in, size, stride, columns, out);
    case Reduced::kMinimum:
      return reduce_columns<Reduced::kMinimum>(in, size, stride, columns, out);
  }
  return true;
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(ReduceRows);
HWY_EXPORT(ReduceColumns);

namespace {

enum class Finish : uint8_t { kNothing, kMean, kRoot };

// Long rows are cut into parts of this size, whatever the number of threads, and columns into stripes.
constexpr int64_t kPart = 1 << 16;
constexpr int64_t kStripe = 512;
// Rows of one piece of work hold about so many numbers.
constexpr int64_t kPiece = 1 << 14;

struct View {
  int64_t outer = 1, size = 1, inner = 1;
};

int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

class Reduction : public Kernel {
 public:
  Reduction(View view, Reduced kind, Finish finish) : view_(view), kind_(kind), finish_(finish) {}

  size_t scratch_bytes(int) const override {
    return static_cast<size_t>(view_.outer * parts()) * sizeof(double);
  }

  void run(const KernelRun& run) const override {
    if (view_.outer * view_.inner == 0) return;
    view_.inner == 1 ? run_rows(run) : run_columns(run);
  }

 private:
  int64_t parts() const { return view_.inner == 1 ? std::max<int64_t>(1, ceil_div(view_.size, kPart)) : 1; }

  float finished(double value) const {
    if (finish_ == Finish::kMean) value /= static_cast<double>(view_.size);
    return static_cast<float>(finish_ == Finish::kRoot ? std::sqrt(value) : value);
  }

  void run_rows(const KernelRun& run) const {
    const float* in = run.input_floats(0);
    auto* sums = reinterpret_cast<double*>(run.scratch);
    const int64_t all = view_.outer * parts(),
                  per_piece = std::max<int64_t>(1, kPiece / std::max<int64_t>(view_.size, 1));
    run.pool.parallel_for(static_cast<size_t>(ceil_div(all, per_piece)), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) * per_piece;
      const int64_t row = first / parts(), begin = first % parts() * kPart;
      // One part of one row, or several whole rows.
      HWY_DYNAMIC_DISPATCH(ReduceRows)
      (kind_, in + row * view_.size + begin, std::min(all - first, per_piece), view_.size,
       std::min(kPart, view_.size - begin), sums + first);
    });
    for (int64_t row = 0; row < view_.outer; ++row) {
      double result = sums[row * parts()];
      for (int64_t part = 1; part < parts(); ++part)
        result = combine(kind_, result, sums[row * parts() + part]);
      run.output_floats(0)[row] = finished(result);
    }
  }

  void run_columns(const KernelRun& run) const {
    const int64_t stripes = ceil_div(view_.inner, kStripe);
    run.pool.parallel_for(static_cast<size_t>(view_.outer * stripes), [&](size_t piece, int) {
      const int64_t outer = static_cast<int64_t>(piece) / stripes,
                    first = static_cast<int64_t>(piece) % stripes * kStripe;
      const int64_t columns = std::min(kStripe, view_.inner - first);
      const float* in = run.input_floats(0) + outer * view_.size * view_.inner + first;
      float* out = run.output_floats(0) + outer * view_.inner + first;
      const bool exact =
          HWY_DYNAMIC_DISPATCH(ReduceColumns)(kind_, in, view_.size, view_.inner, columns, out);
      if (!exact || finish_ != Finish::kNothing)
        for (int64_t i = 0; i < columns; ++i) {
          const bool again = !exact && !is_exact(kind_, double{out[i]}, view_.size);
          out[i] = finished(again ? exact_sum(kind_, in + i, view_.size, view_.inner) : double{out[i]});
        }
    });
  }

  View view_;
  Reduced kind_;
  Finish finish_;
};

// The tensor as [outer][size][inner]; nothing when the reduced axes do not lie side by side.
std::optional<View> view_of(const Dims& dims, const std::vector<bool>& reduced) {
  View view;
  int phase = 0;  // before, in and behind the reduced axes
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (dims[axis] == 1) continue;
    if (phase != (reduced[axis] ? 1 : phase == 0 ? 0 : 2)) {
      if (phase == 2) return std::nullopt;
      ++phase;
    }
    (phase == 0 ? view.outer : phase == 1 ? view.size : view.inner) *= dims[axis];
  }
  return view;
}

// The axes of a reduction; nothing when they are only known when it runs.
std::optional<std::vector<bool>> reduced_axes(const KernelRequest& request) {
  const size_t rank = request.shapes.inputs[0].size();
  const bool stated = request.node().input(1) != nullptr;
  const Tensor* axes = stated ? request.shapes.constants[1] : nullptr;
  if (stated && !axes) return std::nullopt;
  if (!stated || axes->count() == 0)
    return std::vector<bool>(rank, request.node().int_attribute("noop_with_empty_axes", 0) == 0);
  std::vector<bool> reduced(rank, false);
  for (int64_t axis : ops::read_integers(*axes, "axes")) reduced[ops::normalize_axis(axis, rank)] = true;
  return reduced;
}

std::unique_ptr<Kernel> make(const KernelRequest& request, std::optional<std::vector<bool>> axes,
                             Reduced kind, Finish finish) {
  if (request.input_types[0] != DataType::kFloat || !axes) return nullptr;
  const Dims& dims = request.shapes.inputs[0];
  const auto view = view_of(dims, *axes);
  // Nothing at all has no largest element, and its mean is no number: the reference kernel says what happens.
  if (!view || element_count(dims) == 0) return nullptr;
  return std::make_unique<Reduction>(*view, kind, finish);
}

std::unique_ptr<Kernel> make(const KernelRequest& request, Reduced kind, Finish finish = Finish::kNothing) {
  return make(request, reduced_axes(request), kind, finish);
}

std::unique_ptr<Kernel> make_global(const KernelRequest& request, Reduced kind, Finish finish) {
  std::vector<bool> axes(request.shapes.inputs[0].size(), true);
  if (axes.size() < 3) return nullptr;
  axes[0] = axes[1] = false;
  return make(request, std::move(axes), kind, finish);
}

}  // namespace

std::unique_ptr<Kernel> make_reduce_sum(const KernelRequest& request) {
  return make(request, Reduced::kSum);
}
std::unique_ptr<Kernel> make_reduce_mean(const KernelRequest& request) {
  return make(request, Reduced::kSum, Finish::kMean);
}
std::unique_ptr<Kernel> make_reduce_max(const KernelRequest& request) {
  return make(request, Reduced::kMaximum);
}
std::unique_ptr<Kernel> make_reduce_min(const KernelRequest& request) {
  return make(request, Reduced::kMinimum);
}
std::unique_ptr<Kernel> make_reduce_l1(const KernelRequest& request) {
  return make(request, Reduced::kSumOfSizes);
}
std::unique_ptr<Kernel> make_reduce_l2(const KernelRequest& request) {
  return make(request, Reduced::kSumOfSquares, Finish::kRoot);
}
std::unique_ptr<Kernel> make_reduce_sum_square(const KernelRequest& request) {
  return make(request, Reduced::kSumOfSquares);
}
std::unique_ptr<Kernel> make_global_average_pool(const KernelRequest& request) {
  return make_global(request, Reduced::kSum, Finish::kMean);
}
std::unique_ptr<Kernel> make_global_max_pool(const KernelRequest& request) {
  return make_global(request, Reduced::kMaximum, Finish::kNothing);
}

}  // namespace slipway::engine
#endif
