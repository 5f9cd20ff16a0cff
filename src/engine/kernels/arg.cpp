// ArgMax and ArgMin of f32: along the last axis by two passes, first what is wanted and then where it is;
// along other axes column by column, side by side. NaN wins over any number, as in the reference kernel.
#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/arg.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernel.hpp"
#include "engine/kernels/float_math-inl.hpp"
#include "ops/axis_split.hpp"
#include "ops/inference_context.hpp"

#ifndef SLIPWAY_ARG_ONCE
#define SLIPWAY_ARG_ONCE
namespace slipway::engine {

struct ArgOrder {
  bool least;
  bool last_of_equals;
};

// Columns of one piece of work.
inline constexpr int64_t kArgStripe = 512;

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {

// ---- Along the last axis ----

template <bool kLeast>
HWY_INLINE FloatVector better_of(FloatVector a, FloatVector b) {
  return kLeast ? hn::Min(a, b) : hn::Max(a, b);
}

// What a line is searched for: NaN if it has one, else its extreme.
struct Wanted {
  bool nan;
  float value;
  HWY_INLINE hn::Mask<FloatTag> among(FloatVector x) const {
    return nan ? hn::IsNaN(x) : hn::Eq(x, constant(value));
  }
  HWY_INLINE bool is(float x) const { return nan ? x != x : x == value; }
};

template <bool kLeast>
Wanted wanted_of(const float* line, int64_t count) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  FloatVector best[4] = {constant(line[0]), constant(line[0]), constant(line[0]), constant(line[0])};
  auto nan = hn::IsNaN(best[0]);
  const auto take = [&](FloatVector& part, FloatVector x) HWY_ATTR {
    part = better_of<kLeast>(part, x);
    nan = hn::Or(nan, hn::IsNaN(x));
  };
  int64_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes)
    for (int64_t v = 0; v < 4; ++v) take(best[v], hn::LoadU(d, line + i + v * lanes));
  for (; i + lanes <= count; i += lanes) take(best[0], hn::LoadU(d, line + i));
  if (i < count) take(best[1], load_part(line + i, count - i, line[0]));
  HWY_ALIGN float values[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(better_of<kLeast>(better_of<kLeast>(best[0], best[1]), better_of<kLeast>(best[2], best[3])), d,
            values);
  const float extreme =
      kLeast ? *std::min_element(values, values + lanes) : *std::max_element(values, values + lanes);
  return {!hn::AllFalse(d, nan), extreme};
}

// There is one.
int64_t first_place(const Wanted& wanted, const float* line, int64_t count) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto found = wanted.among(hn::LoadU(d, line + i));
    if (!hn::AllFalse(d, found)) return i + static_cast<int64_t>(hn::FindFirstTrue(d, found));
  }
  while (i + 1 < count && !wanted.is(line[i])) ++i;
  return i;
}

int64_t last_place(const Wanted& wanted, const float* line, int64_t count) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t end = count;
  while (end >= lanes && hn::AllFalse(d, wanted.among(hn::LoadU(d, line + end - lanes)))) end -= lanes;
  while (end > 1 && !wanted.is(line[end - 1])) --end;
  return end - 1;
}

void ArgOfLine(ArgOrder order, const float* line, int64_t count, int64_t* out) {
  const Wanted wanted = order.least ? wanted_of<true>(line, count) : wanted_of<false>(line, count);
  *out = order.last_of_equals ? last_place(wanted, line, count) : first_place(wanted, line, count);
}

// ---- Along other axes ----

// Is x taken in place of the best one before it?
template <bool kLeast, bool kLast>
HWY_INLINE hn::Mask<FloatTag> wins(FloatVector x, FloatVector best) {
  if constexpr (kLast) return hn::Or(kLeast ? hn::Le(x, best) : hn::Ge(x, best), hn::IsNaN(x));
  // A comparison with NaN is false: of the first NaN nothing takes the place.
  return hn::Or(kLeast ? hn::Lt(x, best) : hn::Gt(x, best), hn::AndNot(hn::IsNaN(best), hn::IsNaN(x)));
}

// `columns` ≤ kArgStripe lines of `size` elements, `step` apart.
template <bool kLeast, bool kLast>
void arg_of_columns(const float* in, int64_t size, int64_t step, int64_t columns, int64_t* out) {
  const FloatTag d;
  const hn::RebindToSigned<FloatTag> di;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN float best[kArgStripe + HWY_MAX_BYTES / sizeof(float)];
  HWY_ALIGN int32_t places[kArgStripe + HWY_MAX_BYTES / sizeof(int32_t)];
  std::copy_n(in, columns, best);
  std::fill_n(best + columns, lanes, 0.0f);
  std::fill_n(places, columns + lanes, 0);
  for (int64_t row = 1; row < size; ++row) {
    const float* line = in + row * step;
    const auto place = hn::Set(di, static_cast<int32_t>(row));
    const auto take = [&](int64_t i, FloatVector x) HWY_ATTR {
      const FloatVector before = hn::LoadU(d, best + i);
      const auto taken = wins<kLeast, kLast>(x, before);
      hn::StoreU(hn::IfThenElse(taken, x, before), d, best + i);
      hn::StoreU(hn::IfThenElse(hn::RebindMask(di, taken), place, hn::LoadU(di, places + i)), di, places + i);
    };
    int64_t i = 0;
    for (; i + lanes <= columns; i += lanes) take(i, hn::LoadU(d, line + i));
    if (i < columns) take(i, load_part(line + i, columns - i, 0.0f));
  }
  for (int64_t i = 0; i < columns; ++i) out[i] = places[i];
}

void ArgOfColumns(ArgOrder order, const float* in, int64_t size, int64_t step, int64_t columns,
                  int64_t* out) {
  if (order.last_of_equals)
    return order.least ? arg_of_columns<true, true>(in, size, step, columns, out)
                       : arg_of_columns<false, true>(in, size, step, columns, out);
  order.least ? arg_of_columns<true, false>(in, size, step, columns, out)
              : arg_of_columns<false, false>(in, size, step, columns, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(ArgOfLine);
HWY_EXPORT(ArgOfColumns);

namespace {

// Enough for a thread to be worth waking.
constexpr int64_t kPieceElements = int64_t{16} * 1024;

class Arg : public Kernel {
 public:
  Arg(ArgOrder order, ops::AxisSplit split) : order_(order), split_(split) {}

  void run(const KernelRun& run) const override {
    const float* in = run.input_floats(0);
    int64_t* out = run.output(0).data<int64_t>().data();
    const int64_t stripes = (split_.inner + kArgStripe - 1) / kArgStripe, all = split_.outer * stripes;
    const int64_t per_piece =
        std::max<int64_t>(1, kPieceElements / (split_.size * std::min(split_.inner, kArgStripe)));
    run.pool.parallel_for(static_cast<size_t>((all + per_piece - 1) / per_piece), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) * per_piece;
      for (int64_t i = first; i < std::min(all, first + per_piece); ++i) {
        const int64_t outer = i / stripes, column = i % stripes * kArgStripe;
        const float* from = in + outer * split_.size * split_.inner + column;
        int64_t* to = out + outer * split_.inner + column;
        if (split_.inner == 1)
          HWY_DYNAMIC_DISPATCH(ArgOfLine)(order_, from, split_.size, to);
        else
          HWY_DYNAMIC_DISPATCH(ArgOfColumns)
        (order_, from, split_.size, split_.inner, std::min(kArgStripe, split_.inner - column), to);
      }
    });
  }

 private:
  ArgOrder order_;
  ops::AxisSplit split_;
};

std::unique_ptr<Kernel> make(const KernelRequest& request, bool least) {
  const Dims& dims = request.shapes.inputs[0];
  if (request.input_types[0] != DataType::kFloat) return nullptr;
  const auto split =
      ops::split_at(dims, ops::normalize_axis(request.node().int_attribute("axis", 0), dims.size()));
  // Places are counted in 32 bits.
  if (split.size > std::numeric_limits<int32_t>::max()) return nullptr;
  const bool last_of_equals = request.node().int_attribute("select_last_index", 0) != 0;
  return std::make_unique<Arg>(ArgOrder{least, last_of_equals}, split);
}

}  // namespace

std::unique_ptr<Kernel> make_arg_max(const KernelRequest& request) {
  return make(request, false);
}
std::unique_ptr<Kernel> make_arg_min(const KernelRequest& request) {
  return make(request, true);
}

}  // namespace slipway::engine
#endif
