// CumSum and CumProd: a line after the other where the axis is the last, else the columns side by side. Plain
// loops, which the compiler turns into vectors for each instruction set. As in the reference kernel floats
// are added up in f64 and each result is rounded once, so that every bit is the same.
#include <algorithm>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/cumulative.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "ops/axis_split.hpp"
#include "ops/inference_context.hpp"
#include "ops/kernel_context.hpp"

#ifndef SLIPWAY_CUMULATIVE_ONCE
#define SLIPWAY_CUMULATIVE_ONCE
namespace slipway::engine {

// `columns` lines of `size` elements, side by side; from one element of a line to the next it is `step`
// elements, below 0 where the line is walked from its end.
struct CumulativeRun {
  const void* in;
  void* out;
  int64_t size;
  int64_t step;
  int64_t columns;
  bool exclusive;
};

using CumulativeLoop = void (*)(const CumulativeRun&);

// Most columns of a stripe.
inline constexpr int64_t kCumulativeStripe = 256;

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {

// Unsigned integers wrap, and are the same for both signs.
struct Plus {
  static constexpr int kStart = 0;
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return a + b;
  }
};
struct Times {
  static constexpr int kStart = 1;
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return a * b;
  }
};

template <typename T>
using Total = std::conditional_t<std::is_floating_point_v<T>, double, T>;

template <typename T, typename Combine>
void one_line(const CumulativeRun& run) {
  const T* HWY_RESTRICT in = static_cast<const T*>(run.in);
  T* HWY_RESTRICT out = static_cast<T*>(run.out);
  Total<T> total = Combine::kStart;
  for (int64_t i = 0; i < run.size; ++i, in += run.step, out += run.step) {
    const Total<T> next = Combine{}(total, static_cast<Total<T>>(*in));
    *out = static_cast<T>(run.exclusive ? total : next);
    total = next;
  }
}

// kRows elements of every column, so that totals are loaded and stored once for them.
template <int kRows, bool kExclusive, typename T, typename Combine>
HWY_INLINE void rows_of_stripe(const T* const (&in)[kRows], T* const (&out)[kRows], int64_t columns,
                               Total<T>* HWY_RESTRICT totals, Combine combine) {
#pragma GCC ivdep
  for (int64_t column = 0; column < columns; ++column) {
    Total<T> total = totals[column];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const Total<T> next = combine(total, static_cast<Total<T>>(in[r][column]));
      out[r][column] = static_cast<T>(kExclusive ? total : next);
      total = next;
    }
    totals[column] = total;
  }
}

template <typename T, typename Combine, bool kExclusive>
void stripe(const CumulativeRun& run) {
  const T* in = static_cast<const T*>(run.in);
  T* out = static_cast<T*>(run.out);
  Total<T> totals[kCumulativeStripe];
  std::fill_n(totals, run.columns, Total<T>{Combine::kStart});
  int64_t i = 0;
  for (const int64_t step = run.step; i + 4 <= run.size; i += 4, in += 4 * step, out += 4 * step)
    rows_of_stripe<4, kExclusive>({in, in + step, in + 2 * step, in + 3 * step},
                                  {out, out + step, out + 2 * step, out + 3 * step}, run.columns, totals,
                                  Combine());
  for (; i < run.size; ++i, in += run.step, out += run.step)
    rows_of_stripe<1, kExclusive>({in}, {out}, run.columns, totals, Combine());
}

template <typename T, typename Combine>
void accumulate(const CumulativeRun& run) {
  if (run.columns == 1) return one_line<T, Combine>(run);
  run.exclusive ? stripe<T, Combine, true>(run) : stripe<T, Combine, false>(run);
}

template <typename Combine>
CumulativeLoop loop_for(DataType type) {
  switch (type) {
    case DataType::kFloat:
      return accumulate<float, Combine>;
    case DataType::kDouble:
      return accumulate<double, Combine>;
    case DataType::kInt32:
    case DataType::kUint32:
      return accumulate<uint32_t, Combine>;
    case DataType::kInt64:
    case DataType::kUint64:
      return accumulate<uint64_t, Combine>;
    default:
      return nullptr;
  }
}

CumulativeLoop LoopFor(bool product, DataType type) {
  return product ? loop_for<Times>(type) : loop_for<Plus>(type);
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(LoopFor);

namespace {

// Enough for a thread to be worth waking.
constexpr int64_t kPieceElements = int64_t{16} * 1024;
// Fewer columns than this do not fill cache lines and vectors.
constexpr int64_t kFewestColumns = 32;

// A stripe's columns: with fewer stripes than threads they are narrower.
int64_t stripe_columns(const ops::AxisSplit& split, int threads) {
  const int64_t lines = split.outer * split.inner;
  return std::clamp(round_up(ceil_div(lines, threads), kFewestColumns), kFewestColumns, kCumulativeStripe);
}

class Cumulative : public Kernel {
 public:
  Cumulative(const KernelRequest& request, CumulativeLoop loop, ops::AxisSplit split)
      : loop_(loop),
        split_(split),
        stripe_(stripe_columns(split, request.threads)),
        width_(bits_of(request.input_types[0]) / 8),
        exclusive_(request.node().int_attribute("exclusive", 0) != 0),
        reverse_(request.node().int_attribute("reverse", 0) != 0) {}

  void run(const KernelRun& run) const override {
    const auto* in = static_cast<const std::byte*>(run.input(0).raw());
    auto* out = static_cast<std::byte*>(run.output(0).raw());
    const int64_t stripes = ceil_div(split_.inner, stripe_);
    const int64_t all = split_.outer * stripes;
    const int64_t per_piece =
        std::max<int64_t>(1, kPieceElements / (split_.size * std::min(split_.inner, stripe_)));
    run.pool.parallel_for(static_cast<size_t>(ceil_div(all, per_piece)), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) * per_piece;
      for (int64_t i = first; i < std::min(all, first + per_piece); ++i) {
        const int64_t column = i % stripes * stripe_;
        const int64_t row = i / stripes * split_.size + (reverse_ ? split_.size - 1 : 0);
        const int64_t place = (row * split_.inner + column) * width_;
        loop_({in + place, out + place, split_.size, reverse_ ? -split_.inner : split_.inner,
               std::min(stripe_, split_.inner - column), exclusive_});
      }
    });
  }

 private:
  CumulativeLoop loop_;
  ops::AxisSplit split_;
  int64_t stripe_;  // columns of one
  int64_t width_;   // of an element
  bool exclusive_, reverse_;
};

std::unique_ptr<Kernel> make(const KernelRequest& request, bool product) {
  const Tensor* axis = request.shapes.constants[1];
  const CumulativeLoop loop = HWY_DYNAMIC_DISPATCH(LoopFor)(product, request.input_types[0]);
  if (!loop || !axis || axis->count() != 1) return nullptr;
  const Dims& dims = request.shapes.inputs[0];
  const size_t place = ops::normalize_axis(ops::read_integers(*axis, "the axis").front(), dims.size());
  return std::make_unique<Cumulative>(request, loop, ops::split_at(dims, place));
}

}  // namespace

std::unique_ptr<Kernel> make_cum_sum(const KernelRequest& request) {
  return make(request, false);
}
std::unique_ptr<Kernel> make_cum_prod(const KernelRequest& request) {
  return make(request, true);
}

}  // namespace slipway::engine
#endif
