// MaxPool and AveragePool of f32 over one to three spatial axes. A window's maximum or sum is that of its
// columns': for each row of the output the rows of the input (and the planes, of volumes) that its windows
// reach are combined into one padded row, and then the places along it. Steps are kernel height + kernel
// width instead of their product, and no more than a row is kept.
#include <algorithm>
#include <array>
#include <limits>
#include <map>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/pooling_plane.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernel.hpp"
#include "engine/kernels/pool_row.hpp"
#include "ops/window.hpp"

#ifndef SLIPWAY_POOLING_PLANE_ONCE
#define SLIPWAY_POOLING_PLANE_ONCE
namespace slipway::engine {

// A window along one axis of the input.
struct PoolAxis {
  int64_t in = 1;
  int64_t out = 1;
  int64_t taps = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t pad = 0;

  // Those taps of output `place` that lie inside of the input, and the input's place of the first.
  struct Inside {
    int64_t first;
    int64_t count;
  };
  Inside inside(int64_t place) const {
    const int64_t begin = place * stride - pad;
    const int64_t skipped = begin < 0 ? (-begin + dilation - 1) / dilation : 0;
    const int64_t first = begin + skipped * dilation;
    const int64_t room = first < in ? (in - first + dilation - 1) / dilation : 0;
    return {first, std::max<int64_t>(0, std::min(taps - skipped, room))};
  }
};

// Rows [begin, end) of one plane of the output.
struct PoolBand {
  const PoolAxis& height;
  const PoolAxis::Inside* insides;  // of each row
  const PoolAxis& width;
  const float* in;      // the first plane of the input that counts
  int64_t plane_step;   // to the next one
  int64_t plane_count;  // of those that count
  int64_t begin, end;
  float* out;  // the output's plane
  // Of averages: for each row what sums are multiplied with; else nullptr.
  const float* const* weights;
  const int64_t* height_taps;  // one more than the axis has, of one plane
  const int64_t* width_taps;   // in the rows as they are combined
  float* scratch;              // pool_scratch_floats()
  bool is_padded;              // the rows there have their padding already, from another band
};

// Floats that may be read behind a row's end, for whole vectors of any instruction set.
inline constexpr int64_t kPoolSlack = 128;

// Rows that are made before they are read: a row that has just been stored cannot be loaded at other offsets.
inline constexpr int64_t kPoolRows = 8;

// Places of a window along the width, and of all above one another.
inline constexpr int64_t kMostTaps = 1024;

// A padded row: `lead` floats that nobody reads, so that the image's own begin at a cache line.
struct PoolRow {
  int64_t lead, used, floats;
  explicit PoolRow(const PoolAxis& width) : lead((16 - width.pad % 16) % 16) {
    const int64_t reach = (width.out - 1) * width.stride + (width.taps - 1) * width.dilation + 1;
    used = std::max(reach, width.pad + width.in);
    floats = (lead + used + width.stride * kPoolSlack + 15) / 16 * 16;
  }
};
// The rows, and where the stride is 2 their even and odd places by themselves.
inline int64_t pool_row_pairs(const PoolAxis& width) {
  return width.out + (width.taps - 1) * width.dilation / 2;
}
inline int64_t pool_scratch_floats(const PoolAxis& width) {
  const int64_t apart = width.stride == 2 ? PoolRow(width).floats + 2 * kPoolSlack : 0;
  return kPoolRows * (PoolRow(width).floats + apart);
}

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Tag = HWY_FULL(float);
using OneTag = HWY_CAPPED(float, 1);

// Of equals the first stays.
struct Maximum {
  static constexpr float kNeutral = -std::numeric_limits<float>::infinity();
  template <typename V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::Max(b, a);
  }
};
struct MaximumOrNan {
  static constexpr float kNeutral = Maximum::kNeutral;
  template <typename V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::IfThenElse(hn::Or(hn::Gt(b, a), hn::IsNaN(b)), b, a);
  }
};
struct Sum {
  static constexpr float kNeutral = 0.0f;
  template <typename V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::Add(a, b);
  }
};

bool has_nan(const float* in, int64_t count) {
  const Tag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto nan = hn::IsNaN(hn::Zero(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) nan = hn::Or(nan, hn::IsNaN(hn::LoadU(d, in + i)));
  return !hn::AllFalse(d, nan) || std::any_of(in + i, in + count, [](float x) { return x != x; });
}

// Rows to be made of others: out[i] = from[taps[0] + i · stride] ∘ from[taps[1] + i · stride] ∘ …, times
// weights[row][i] where there are any. Each row's `from` and `out` lie a step behind the last one's.
struct RowsOfTaps {
  const float* from;
  const int64_t* taps;
  int64_t tap_count;
  int64_t stride;
  const float* const* weights;
  int64_t count;
  float* out;
  int64_t rows = 1, from_step = 0, out_step = 0;
};

template <typename D>
HWY_INLINE hn::Vec<D> load_every(D d, const float* from, int64_t stride) {
  const hn::RebindToSigned<D> di;
  return hn::GatherIndex(d, from, hn::Mul(hn::Iota(di, 0), hn::Set(di, static_cast<int32_t>(stride))));
}

// body(tag, place) for each vector of `count` outputs. The last one may begin within the one before it, and
// is half as long where that is enough; there are `lanes` outputs at least.
template <typename D, typename Body>
HWY_INLINE void for_each_place(D d, int64_t count, const Body& body) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t place = 0;
  for (; place + lanes <= count; place += lanes) body(d, place);
  if (place == count) return;
  if constexpr (hn::MaxLanes(d) > 1) {
    if (count - place <= lanes / 2) return body(hn::Half<D>(), count - lanes / 2);
  }
  body(d, count - lanes);
}

template <typename Operation, int kTaps, bool kEvery, typename D>
HWY_NOINLINE void combine(D d, const RowsOfTaps& rows) {
  const Operation operation;
  const int64_t taps = kTaps > 0 ? kTaps : rows.tap_count;
  const int64_t count = rows.count, stride = rows.stride;
  int64_t known[kTaps > 0 ? kTaps : 1] = {};
  if constexpr (kTaps > 0) std::copy_n(rows.taps, kTaps, known);
  const int64_t* offsets = kTaps > 0 ? known : rows.taps;
  for (int64_t r = 0; r < rows.rows; ++r) {
    const float* row = rows.from + r * rows.from_step;
    float* out = rows.out + r * rows.out_step;
    for_each_place(d, count, [&](auto tag, int64_t place) HWY_ATTR {
      const auto load = [&](const float* from) HWY_ATTR {
        return kEvery ? load_every(tag, from, stride) : hn::LoadU(tag, from);
      };
      const float* from = row + (kEvery ? place * stride : place);
      auto result = load(from + offsets[0]);
      for (int64_t tap = 1; tap < taps; ++tap) result = operation(result, load(from + offsets[tap]));
      if (rows.weights) result = hn::Mul(result, hn::LoadU(tag, rows.weights[r] + place));
      hn::StoreU(result, tag, out + place);
    });
  }
}

template <typename Operation, typename D>
HWY_INLINE void combine_rows(D d, const RowsOfTaps& rows) {
  if (rows.stride > 1) return combine<Operation, 0, true>(d, rows);
  if (rows.tap_count == 2) return combine<Operation, 2, false>(d, rows);
  if (rows.tap_count == 3) return combine<Operation, 3, false>(d, rows);
  if (rows.tap_count == 5) return combine<Operation, 5, false>(d, rows);
  combine<Operation, 0, false>(d, rows);
}

// Two rows for each, of whose taps all but the first one's first and the second one's last are the same; the
// second one's output is `second` behind the first one's.
template <typename Operation, int kShared, typename D>
HWY_NOINLINE void combine_pairs(D d, const RowsOfTaps& rows, int64_t second) {
  const Operation operation;
  const int64_t count = rows.count, shared = kShared > 0 ? kShared : rows.tap_count - 1;
  int64_t known[kShared > 0 ? kShared + 2 : 1] = {};
  if constexpr (kShared > 0) std::copy_n(rows.taps, kShared + 2, known);
  const int64_t* offsets = kShared > 0 ? known : rows.taps;
  for (int64_t r = 0; r < rows.rows; ++r) {
    const float* row = rows.from + r * rows.from_step;
    float* out = rows.out + r * rows.out_step;
    for_each_place(d, count, [&](auto tag, int64_t place) HWY_ATTR {
      const float* from = row + place;
      auto middle = hn::LoadU(tag, from + offsets[1]);
      for (int64_t tap = 2; tap <= shared; ++tap)
        middle = operation(middle, hn::LoadU(tag, from + offsets[tap]));
      hn::StoreU(operation(hn::LoadU(tag, from + offsets[0]), middle), tag, out + place);
      hn::StoreU(operation(middle, hn::LoadU(tag, from + offsets[shared + 1])), tag, out + second + place);
    });
  }
}

template <typename Operation, typename D>
HWY_INLINE void combine_pairs_of_rows(D d, const RowsOfTaps& rows, int64_t second) {
  if (rows.tap_count == 2) return combine_pairs<Operation, 1>(d, rows, second);
  if (rows.tap_count == 3) return combine_pairs<Operation, 2>(d, rows, second);
  if (rows.tap_count == 5) return combine_pairs<Operation, 4>(d, rows, second);
  combine_pairs<Operation, 0>(d, rows, second);
}

// Even places to `even`, odd ones to `odd`.
HWY_INLINE void take_apart(const float* row, int64_t pairs, float* even, float* odd) {
  const Tag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < pairs; i += lanes) {
    hn::Vec<Tag> a, b;
    hn::LoadInterleaved2(d, row + 2 * i, a, b);
    hn::StoreU(a, d, even + i);
    hn::StoreU(b, d, odd + i);
  }
}

bool fills_a_vector(int64_t count) {
  return count >= static_cast<int64_t>(hn::Lanes(Tag()));
}

// Rows [begin, end) of the output before they are combined across: what lies above one another.
template <typename Operation>
void make_rows(const PoolBand& band, int64_t begin, int64_t end, float* out, int64_t row_floats) {
  const PoolAxis& height = band.height;
  const int64_t width = band.width.in;
  const bool in_pairs =
      height.stride == 1 && height.dilation == 1 && height.taps > 1 && band.plane_count == 1;
  int64_t volume_taps[kMostTaps];
  const auto is_pair = [&](int64_t y) {
    return in_pairs && y + 1 < end && band.insides[y].count == height.taps &&
           band.insides[y].first + height.taps < height.in;
  };
  for (int64_t y = begin; y < end;) {
    const auto inside = band.insides[y];
    int64_t pairs = 0;
    while (is_pair(y + 2 * pairs)) ++pairs;
    if (band.plane_count > 1)
      for (int64_t tap = 0; tap < inside.count * band.plane_count; ++tap)
        volume_taps[tap] = tap / inside.count * band.plane_step + band.height_taps[tap % inside.count];
    RowsOfTaps rows{band.in + inside.first * width,
                    band.plane_count > 1 ? volume_taps : band.height_taps,
                    inside.count * band.plane_count,
                    1,
                    nullptr,
                    width,
                    out};
    rows.rows = std::max<int64_t>(pairs, 1), rows.from_step = 2 * width, rows.out_step = 2 * row_floats;
    if (rows.tap_count == 0)
      std::fill_n(out, width, Operation::kNeutral);
    else if (pairs > 0)
      fills_a_vector(width) ? combine_pairs_of_rows<Operation>(Tag(), rows, row_floats)
                            : combine_pairs_of_rows<Operation>(OneTag(), rows, row_floats);
    else
      fills_a_vector(width) ? combine_rows<Operation>(Tag(), rows) : combine_rows<Operation>(OneTag(), rows);
    const int64_t made = std::max<int64_t>(2 * pairs, 1);
    y += made;
    out += made * row_floats;
  }
}

template <typename Operation>
void pool_band(const PoolBand& band) {
  const PoolAxis& axis = band.width;
  const PoolRow padded(axis);
  const int64_t pairs = pool_row_pairs(axis), half = pairs + kPoolSlack;
  float* rows = band.scratch + padded.lead;
  float* apart = band.scratch + kPoolRows * padded.floats;
  for (int64_t i = 0; i < kPoolRows && !band.is_padded; ++i) {
    float* row = rows + i * padded.floats;
    std::fill_n(row, axis.pad, Operation::kNeutral);
    std::fill(row + axis.pad + axis.in, row + padded.used, Operation::kNeutral);
  }
  const bool is_wide = fills_a_vector(axis.out);
  RowsOfTaps out{nullptr, band.width_taps, axis.taps, axis.stride == 2 ? 1 : axis.stride,
                 nullptr, axis.out,        nullptr};
  out.from = axis.stride == 2 ? apart : rows;
  out.from_step = axis.stride == 2 ? 2 * half : padded.floats;
  out.out_step = axis.out;
  for (int64_t first = band.begin; first < band.end; first += kPoolRows) {
    out.rows = std::min(band.end - first, kPoolRows);
    make_rows<Operation>(band, first, first + out.rows, rows + axis.pad, padded.floats);
    if (axis.stride == 2)
      for (int64_t i = 0; i < out.rows; ++i)
        take_apart(rows + i * padded.floats, pairs, apart + i * 2 * half, apart + (i * 2 + 1) * half);
    if (band.weights) out.weights = band.weights + first;
    out.out = band.out + first * axis.out;
    is_wide ? combine_rows<Operation>(Tag(), out) : combine_rows<Operation>(OneTag(), out);
  }
}

void PoolRows(const PoolBand& band) {
  if (band.weights) return pool_band<Sum>(band);
  const PoolAxis& height = band.height;
  const int64_t reach = (height.taps - 1) * height.dilation + 1;
  const auto row = [&](int64_t place) { return std::clamp<int64_t>(place - height.pad, 0, height.in); };
  const int64_t first = row(band.begin * height.stride);
  const int64_t count = (row((band.end - 1) * height.stride + reach) - first) * band.width.in;
  bool nan = false;
  for (int64_t plane = 0; plane < band.plane_count; ++plane)
    nan = nan || has_nan(band.in + plane * band.plane_step + first * band.width.in, count);
  nan ? pool_band<MaximumOrNan>(band) : pool_band<Maximum>(band);
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(PoolRows);

namespace {

// The rows that a band reads should stay in the first cache, between looking for NaN and combining.
constexpr int64_t kBandFloats = 8192;
// Enough for a thread to be worth waking.
constexpr int64_t kPieceFloats = int64_t{16} * 1024;

PoolAxis axis_of(const ops::Window& window, size_t axis, int64_t in, int64_t out) {
  return {
      in, out, window.kernel[axis], window.strides[axis], window.dilations[axis], window.pads_begin[axis]};
}

// Places of the window at each output that lie inside of the image, or of its padding where that counts.
CountedVector<float> places(const PoolAxis& axis, int64_t pad_end, bool count_padding) {
  PoolAxis counted = axis;
  if (count_padding) counted.in += axis.pad + pad_end, counted.pad = 0;
  CountedVector<float> counts;
  for (int64_t i = 0; i < axis.out; ++i) counts.push_back(static_cast<float>(counted.inside(i).count));
  return counts;
}

class PlanePooling : public Kernel {
 public:
  // `axes` are depth, height and width.
  PlanePooling(int64_t images, std::array<PoolAxis, 3> axes) : images_(images), axes_(axes) {
    const PoolAxis& height = axes_[1];
    const int64_t row = std::max<int64_t>(1, axes_[2].in * height.stride * axes_[0].taps);
    band_rows_ = std::clamp<int64_t>(kBandFloats / row, 1, height.out);
    bands_ = (height.out + band_rows_ - 1) / band_rows_;
    for (int64_t y = 0; y < height.out; ++y) insides_.push_back(height.inside(y));
    per_piece_ = std::max<int64_t>(1, kPieceFloats / (band_rows_ * row));
    const PoolAxis& width = axes_[2];
    for (int64_t tap = 0; tap <= height.taps; ++tap) height_taps_.push_back(tap * height.dilation * width.in);
    const int64_t half = pool_row_pairs(width) + kPoolSlack;
    for (int64_t tap = 0; tap < width.taps; ++tap) {
      const int64_t place = tap * width.dilation;
      width_taps_.push_back(width.stride == 2 ? place % 2 * half + place / 2 : place);
    }
  }

  // What the sum at each place of the output is divided by is the product of these.
  void set_places(const std::array<CountedVector<float>, 3>& places) {
    // Few products occur along the first two axes, and each has a row of its own.
    std::map<float, size_t> rows;
    for (float depth : places[0])
      for (float height : places[1]) {
        const float count = depth * height;
        if (rows.try_emplace(count, rows.size()).second)
          for (float width : places[2]) weights_.push_back(1.0f / (count * width));
      }
    for (float depth : places[0])
      for (float height : places[1])
        rows_.push_back(weights_.data() + rows[depth * height] * places[2].size());
  }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>(workers * pool_scratch_floats(axes_[2])) * sizeof(float);
  }

  void run(const KernelRun& run) const override {
    const int64_t all = images_ * axes_[0].out * bands_;
    run.pool.parallel_for(static_cast<size_t>((all + per_piece_ - 1) / per_piece_),
                          [&](size_t piece, int worker) {
                            const int64_t first = static_cast<int64_t>(piece) * per_piece_;
                            run.cancellation.check();
                            for (int64_t i = first; i < std::min(all, first + per_piece_); ++i)
                              make_band(run, i / bands_, i % bands_, worker, i > first);
                          });
  }

 private:
  // `plane` counts through the output's planes; the worker's rows may have their padding already.
  void make_band(const KernelRun& run, int64_t plane, int64_t band, int worker, bool is_padded) const {
    const auto& [depth, height, width] = axes_;
    const int64_t image = plane / depth.out, slice = plane % depth.out;
    const auto planes = depth.inside(slice);
    const int64_t in_area = height.in * width.in, out_area = height.out * width.out;
    HWY_DYNAMIC_DISPATCH(PoolRows)
    ({height, insides_.data(), width, run.input_floats(0) + (image * depth.in + planes.first) * in_area,
      depth.dilation * in_area, planes.count, band * band_rows_,
      std::min(height.out, (band + 1) * band_rows_), run.output_floats(0) + plane * out_area,
      rows_.empty() ? nullptr : rows_.data() + slice * height.out, height_taps_.data(), width_taps_.data(),
      reinterpret_cast<float*>(run.scratch) + worker * pool_scratch_floats(width), is_padded});
  }

  int64_t images_;
  std::array<PoolAxis, 3> axes_;
  int64_t band_rows_, bands_, per_piece_;
  CountedVector<PoolAxis::Inside> insides_;  // of each row of the output
  CountedVector<int64_t> height_taps_, width_taps_;
  CountedVector<float> weights_;
  CountedVector<const float*> rows_;  // into weights_, by depth and height
};

std::unique_ptr<Kernel> make(const KernelRequest& request, bool maximum) {
  const Dims &in = request.shapes.inputs[0], &out = request.shapes.outputs[0];
  if (!request.is_all_float() || in.size() < 3 || in.size() > 5 || request.shapes.outputs.size() != 1)
    return nullptr;
  const auto window = ops::window_of(request.node(), in, {});
  if (!is_walkable(window)) return nullptr;
  const bool count_padding = request.node().int_attribute("count_include_pad", 0) != 0;
  std::array<PoolAxis, 3> axes;
  std::array<CountedVector<float>, 3> counts{{{1}, {1}, {1}}};
  for (size_t axis = 0; axis + 2 < in.size(); ++axis) {
    const size_t place = axis + 5 - in.size();
    axes[place] = axis_of(window, axis, in[axis + 2], out[axis + 2]);
    counts[place] = places(axes[place], window.pads_end[axis], count_padding);
  }
  if (axes[2].taps > kMostTaps || axes[0].taps * axes[1].taps > kMostTaps) return nullptr;
  auto kernel = std::make_unique<PlanePooling>(in[0] * in[1], axes);
  if (!maximum) kernel->set_places(counts);
  return kernel;
}

}  // namespace

std::unique_ptr<Kernel> make_plane_max_pool(const KernelRequest& request) {
  return make(request, true);
}
std::unique_ptr<Kernel> make_plane_average_pool(const KernelRequest& request) {
  return make(request, false);
}

}  // namespace slipway::engine
#endif
