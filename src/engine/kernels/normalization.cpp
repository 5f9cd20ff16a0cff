// LayerNormalization, RMSNormalization, InstanceNormalization and GroupNormalization of f32 tensors: rows are
// centred (or not), divided by their root mean square, then scaled and shifted. Two passes: the mean first,
// what is left and its squares then, so that nothing cancels. Sums go on in double after few f32 additions.
#include <algorithm>
#include <array>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/normalization.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernel.hpp"
#include "engine/kernels/float_math-inl.hpp"
#include "ops/inference_context.hpp"

#ifndef SLIPWAY_NORMALIZATION_ONCE
#define SLIPWAY_NORMALIZATION_ONCE
namespace slipway::engine {

// One row: `segments` stretches of `length` numbers. Scale and bias have one number for each number of the
// row (per_segment false, segments 1) or for each segment.
struct NormalizedRow {
  const float* in;
  float* out;
  int64_t segments, length;
  const float *scale, *bias;  // bias may be nullptr
  bool per_segment, centred;
  double epsilon;
};

// Squares of f32 numbers may be too large or too small for f32. What is too small does not count beside a
// greater epsilon.
inline bool is_exact(double variance, double epsilon) {
  return std::isfinite(variance) && (variance > 1e-30 || epsilon > 1e-20);
}

// Rows that are taken together, step by step: a step of a short row alone waits most of the time for its last
// result. What is between the steps stays in the L1 cache.
constexpr int64_t kRowsTogether = 8, kFloatsTogether = 2048;

// All in double, for rows whose sums f32 does not hold.
inline void normalize_slowly(const NormalizedRow& row) {
  const int64_t size = row.segments * row.length;
  const auto count = static_cast<double>(size);
  double mean = 0, squares = 0;
  if (row.centred) {
    for (int64_t i = 0; i < size; ++i) mean += double{row.in[i]};
    mean /= count;
  }
  for (int64_t i = 0; i < size; ++i) squares += (double{row.in[i]} - mean) * (double{row.in[i]} - mean);
  const double factor = 1 / std::sqrt(squares / count + row.epsilon);
  for (int64_t i = 0; i < size; ++i) {
    const int64_t place = row.per_segment ? i / row.length : i;
    const double bias = row.bias ? double{row.bias[place]} : 0;
    row.out[i] = static_cast<float>((double{row.in[i]} - mean) * factor * double{row.scale[place]} + bias);
  }
}

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {

// Vectors that are added in f32 before the sum goes on in double.
constexpr int64_t kVectorsPerSum = 64;

// Sums that `add(x, sums)` adds to; unused lanes are `filler`, which must add nothing.
template <int kSums, typename Add>
HWY_INLINE std::array<double, kSums> sums_of(const float* in, int64_t count, float filler, Add add) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), step = kVectorsPerSum * lanes;
  std::array<double, kSums> sums{};
  for (int64_t begin = 0; begin < count; begin += step) {
    const int64_t end = std::min(count, begin + step);
    FloatVector a[kSums], b[kSums];
    for (int sum = 0; sum < kSums; ++sum) a[sum] = b[sum] = hn::Zero(d);
    int64_t i = begin;
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      add(hn::LoadU(d, in + i), a);
      add(hn::LoadU(d, in + i + lanes), b);
    }
    for (; i + lanes <= end; i += lanes) add(hn::LoadU(d, in + i), a);
    if (i < end) add(load_part(in + i, end - i, filler), b);
    for (int sum = 0; sum < kSums; ++sum)
      sums[static_cast<size_t>(sum)] += double{hn::GetLane(hn::SumOfLanes(d, hn::Add(a[sum], b[sum])))};
  }
  return sums;
}

struct Moments {
  double mean, variance;
};

HWY_INLINE float centre_of(const float* in, int64_t size) {
  const auto sum =
      sums_of<1>(in, size, 0.0f, [](FloatVector x, FloatVector* to) HWY_ATTR { to[0] = hn::Add(to[0], x); });
  return static_cast<float>(sum[0] / static_cast<double>(size));
}

// The centre was rounded to f32, where a row far from 0 has its mean in the last digits: what it leaves is
// added up, too.
HWY_INLINE Moments moments_about(float centre, const float* in, int64_t size) {
  const auto count = static_cast<double>(size);
  const FloatVector shift = constant(centre);
  const auto rest = sums_of<2>(in, size, centre, [&](FloatVector x, FloatVector* to) HWY_ATTR {
    const FloatVector from_centre = hn::Sub(x, shift);
    to[0] = hn::Add(to[0], from_centre);
    to[1] = hn::Add(to[1], hn::Mul(from_centre, from_centre));
  });
  const double further = rest[0] / count;
  return {double{centre} + further, std::max(rest[1] / count - further * further, 0.0)};
}

HWY_INLINE Moments moments_about_zero(const float* in, int64_t size) {
  const auto squares = sums_of<1>(
      in, size, 0.0f, [](FloatVector x, FloatVector* to) HWY_ATTR { to[0] = hn::Add(to[0], hn::Mul(x, x)); });
  return {0, squares[0] / static_cast<double>(size)};
}

// out = (in - mean) · factor · scale + bias.
HWY_INLINE void scale_stretch(const NormalizedRow& row, int64_t begin, double mean, double factor,
                              const float* scale, const float* bias) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  // What f32 cuts off the mean is taken off last.
  const auto nearest = static_cast<float>(mean);
  const double left = (double{nearest} - mean) * factor;
  const FloatVector centre = constant(nearest), whole = constant(static_cast<float>(factor)),
                    offset = constant(static_cast<float>(left));
  const double segment_scale = row.per_segment ? double{*scale} : 0,
               segment_bias = row.per_segment && bias ? double{*bias} : 0;
  const FloatVector one_scale = constant(static_cast<float>(segment_scale * factor)),
                    one_bias = constant(static_cast<float>(segment_bias + left * segment_scale));
  for (int64_t i = 0; i < row.length; i += lanes) {
    const int64_t count = std::min(lanes, row.length - i);
    const auto load = [&](const float* from) HWY_ATTR {
      return count == lanes ? hn::LoadU(d, from) : load_part(from, count, 0.0f);
    };
    const FloatVector x = hn::Sub(load(row.in + begin + i), centre);
    FloatVector y;
    if (row.per_segment) {
      y = hn::MulAdd(x, one_scale, one_bias);
    } else {
      y = hn::Mul(hn::MulAdd(x, whole, offset), load(scale + i));
      if (bias) y = hn::Add(y, load(bias + i));
    }
    if (count == lanes) {
      hn::StoreU(y, d, row.out + begin + i);
    } else {
      store_part(y, row.out + begin + i, count);
    }
  }
}

void finish_row(const NormalizedRow& row, const Moments& moments) {
  if (!is_exact(moments.variance, row.epsilon)) return normalize_slowly(row);
  const double factor = 1 / std::sqrt(moments.variance + row.epsilon);
  for (int64_t segment = 0; segment < row.segments; ++segment) {
    const int64_t place = row.per_segment ? segment : 0;
    scale_stretch(row, segment * row.length, moments.mean, factor, row.scale + place,
                  row.bias ? row.bias + place : nullptr);
  }
}

// At most kRowsTogether, all centred or none.
void NormalizeRows(const NormalizedRow* rows, int64_t count) {
  float centres[kRowsTogether];
  Moments moments[kRowsTogether];
  const int64_t size = rows[0].segments * rows[0].length;
  const bool centred = rows[0].centred;
  for (int64_t r = 0; r < count && centred; ++r) centres[r] = centre_of(rows[r].in, size);
  for (int64_t r = 0; r < count; ++r)
    moments[r] = centred ? moments_about(centres[r], rows[r].in, size) : moments_about_zero(rows[r].in, size);
  for (int64_t r = 0; r < count; ++r) finish_row(rows[r], moments[r]);
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(NormalizeRows);

namespace {

// Rows of one piece of work hold about so many numbers.
constexpr int64_t kPiece = 1 << 14;

struct Rows {
  int64_t count = 1, segments = 1, length = 1;
  int64_t groups =
      0;  // scale and bias go on by `segments` from row to row of an image; 0: the same for all rows
  bool centred = true;
  double epsilon = 1e-5;
};

class Normalization : public Kernel {
 public:
  explicit Normalization(Rows rows) : rows_(rows) {}

  void run(const KernelRun& run) const override {
    const int64_t size = rows_.segments * rows_.length, per_piece = std::max<int64_t>(1, kPiece / size);
    run.pool.parallel_for(static_cast<size_t>((rows_.count + per_piece - 1) / per_piece),
                          [&](size_t piece, int) {
                            const int64_t first = static_cast<int64_t>(piece) * per_piece;
                            run_rows(run, first, std::min(rows_.count, first + per_piece));
                          });
  }

 private:
  void run_rows(const KernelRun& run, int64_t first, int64_t end) const {
    const int64_t size = rows_.segments * rows_.length,
                  together = std::clamp<int64_t>(kFloatsTogether / size, 1, kRowsTogether);
    NormalizedRow rows[kRowsTogether];
    for (int64_t i = first; i < end; i += together) {
      const int64_t count = std::min(together, end - i);
      for (int64_t r = 0; r < count; ++r) rows[r] = row_at(run, i + r);
      HWY_DYNAMIC_DISPATCH(NormalizeRows)(rows, count);
    }
  }

  NormalizedRow row_at(const KernelRun& run, int64_t index) const {
    const int64_t place = index * rows_.segments * rows_.length,
                  offset = rows_.groups == 0 ? 0 : index % rows_.groups * rows_.segments;
    const float* bias = run.inputs.size() > 2 && run.inputs[2] ? run.input_floats(2) + offset : nullptr;
    return {run.input_floats(0) + place,
            run.output_floats(0) + place,
            rows_.segments,
            rows_.length,
            run.input_floats(1) + offset,
            bias,
            rows_.groups != 0,
            rows_.centred,
            rows_.epsilon};
  }

  Rows rows_;
};

// Only the first output is wanted, all is f32, and there is something to normalise.
bool is_plain(const KernelRequest& request) {
  for (size_t i = 1; i < request.node().outputs().size(); ++i)
    if (request.node().output(i)) return false;
  return request.is_all_float() && element_count(request.shapes.inputs[0]) > 0;
}

std::unique_ptr<Kernel> make_over_last_axes(const KernelRequest& request, bool centred) {
  if (!is_plain(request)) return nullptr;
  const Dims& dims = request.shapes.inputs[0];
  const auto axis =
      static_cast<std::ptrdiff_t>(ops::normalize_axis(request.node().int_attribute("axis", -1), dims.size()));
  const Dims normalized(dims.begin() + axis, dims.end());
  // Scales that are broadcast within the row are the reference kernel's.
  for (size_t input = 1; input < request.shapes.inputs.size(); ++input)
    if (request.node().input(input) && request.shapes.inputs[input] != normalized) return nullptr;
  Rows rows;
  rows.length = element_count(normalized);
  rows.count = element_count(dims) / rows.length;
  rows.centred = centred;
  rows.epsilon = double{request.node().float_attribute("epsilon", 1e-5f)};
  return std::make_unique<Normalization>(rows);
}

std::unique_ptr<Kernel> make_over_channels(const KernelRequest& request, int64_t groups) {
  const Dims& dims = request.shapes.inputs[0];
  if (!is_plain(request) || dims.size() < 2 || groups < 1 || dims[1] % groups != 0) return nullptr;
  for (size_t input = 1; input < request.shapes.inputs.size(); ++input)
    if (request.node().input(input) && request.shapes.inputs[input] != Dims{dims[1]}) return nullptr;
  Rows rows;
  rows.segments = dims[1] / groups;
  rows.groups = groups;
  rows.count = dims[0] * groups;
  rows.length = element_count(dims) / (dims[0] * dims[1]);
  rows.epsilon = double{request.node().float_attribute("epsilon", 1e-5f)};
  return std::make_unique<Normalization>(rows);
}

}  // namespace

std::unique_ptr<Kernel> make_layer_normalization(const KernelRequest& request) {
  return make_over_last_axes(request, true);
}
std::unique_ptr<Kernel> make_rms_normalization(const KernelRequest& request) {
  return make_over_last_axes(request, false);
}
std::unique_ptr<Kernel> make_instance_normalization(const KernelRequest& request) {
  const Dims& dims = request.shapes.inputs[0];
  return make_over_channels(request, dims.size() > 1 ? dims[1] : 0);
}
std::unique_ptr<Kernel> make_group_normalization(const KernelRequest& request) {
  return make_over_channels(request, request.node().int_attribute("num_groups", 0));
}

}  // namespace slipway::engine
#endif
