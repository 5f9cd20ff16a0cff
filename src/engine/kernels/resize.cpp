// Resize of the two last axes of f32 images as a region kernel: down the columns first, over the input's
// columns that are needed, then along the rows. The weights are those of the reference kernel
// (ops/resize_axis.hpp).
#include <algorithm>
#include <vector>

#include "ops/resize_axis.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/resize.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/gemm_block.hpp"
#include "engine/region_kernel.hpp"

#ifndef SLIPWAY_RESIZE_ONCE
#define SLIPWAY_RESIZE_ONCE
namespace slipway::engine {

// Rows of one channel that copy one element each; indices are those of the whole image, which begins at `in`.
struct NearestPlane {
  const float* in;
  int64_t in_stride;
  const int64_t* row_indices;
  int64_t rows;
  const int32_t* column_indices;
  int64_t columns;
  int64_t times;  // every column so many times, 2 to 4; else 0
  float* out;
  int64_t out_stride;
};

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Tag = HWY_FULL(float);
using OneTag = HWY_CAPPED(float, 1);

// A vector of Σ_t weights[t] · rows[t][i].
template <typename D>
HWY_INLINE void weigh_rows(D d, const float* const* rows, const float* weights, int64_t taps, int64_t i,
                           float* out) {
  auto sum = hn::Zero(d);
  for (int64_t t = 0; t < taps; ++t) sum = hn::MulAdd(hn::Set(d, weights[t]), hn::LoadU(d, rows[t] + i), sum);
  hn::StoreU(sum, d, out + i);
}

// out[i] = Σ_t weights[t] · rows[t][i].
void WeighRows(const float* const* rows, const float* weights, int64_t taps, int64_t count, float* out) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(Tag()));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) weigh_rows(Tag(), rows, weights, taps, i, out);
  for (; i < count; ++i) weigh_rows(OneTag(), rows, weights, taps, i, out);
}

// out[i] = Σ_t weights[t][i] · row[indices[t][i]], tables `stride` apart. What has no weight may be infinite.
void WeighColumns(const float* row, const int32_t* indices, const float* weights, int64_t taps,
                  int64_t stride, int64_t count, float* out) {
  const Tag d;
  const hn::RebindToSigned<Tag> di;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto zero = hn::Zero(d);
    auto sum = zero;
    for (int64_t place = i; place < i + taps * stride; place += stride) {
      const auto weight = hn::LoadU(d, weights + place);
      const auto value = hn::GatherIndex(d, row, hn::LoadU(di, indices + place));
      sum = hn::MulAdd(weight, hn::IfThenElseZero(hn::Ne(weight, zero), value), sum);
    }
    hn::StoreU(sum, d, out + i);
  }
  const OneTag one;
  for (; i < count; ++i) {
    auto sum = hn::Zero(one);
    for (int64_t place = i; place < i + taps * stride; place += stride) {
      const float value = weights[place] != 0 ? row[indices[place]] : 0.0f;
      sum = hn::MulAdd(hn::Set(one, weights[place]), hn::Set(one, value), sum);
    }
    hn::StoreU(sum, one, out + i);
  }
}

// out[i] = row[indices[i]].
void pick(const float* row, const int32_t* indices, int64_t count, float* out) {
  const Tag d;
  const hn::RebindToSigned<Tag> di;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(hn::GatherIndex(d, row, hn::LoadU(di, indices + i)), d, out + i);
  for (; i < count; ++i) out[i] = row[indices[i]];
}

// A vector of the row from `place` on, each element kTimes times, in `copies` rows.
template <int64_t kTimes, typename D>
HWY_INLINE void repeat_vector(D d, const float* row, int64_t place, float* out, int64_t copies,
                              int64_t out_stride) {
  const auto x = hn::LoadU(d, row + place);
  for (int64_t copy = 0; copy < copies; ++copy) {
    float* to = out + copy * out_stride + place * kTimes;
    if constexpr (kTimes == 2) hn::StoreInterleaved2(x, x, d, to);
    if constexpr (kTimes == 3) hn::StoreInterleaved3(x, x, x, d, to);
    if constexpr (kTimes == 4) hn::StoreInterleaved4(x, x, x, x, d, to);
  }
}

// A whole row: wide vectors and then narrower ones, of which the last may begin within the one before it.
template <int64_t kTimes>
HWY_INLINE void repeat(const float* row, int64_t count, float* out, int64_t copies, int64_t out_stride) {
  const Tag d;
  const HWY_CAPPED(float, 8) narrow;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), few = static_cast<int64_t>(hn::Lanes(narrow));
  if (count < few) {
    for (int64_t copy = 0; copy < copies; ++copy)
      for (int64_t i = 0; i < count; ++i) std::fill_n(out + copy * out_stride + i * kTimes, kTimes, row[i]);
    return;
  }
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) repeat_vector<kTimes>(d, row, i, out, copies, out_stride);
  for (; i < count; i += few)
    repeat_vector<kTimes>(narrow, row, std::min(i, count - few), out, copies, out_stride);
}

// row(in, out, copies) for each row of the input that is copied, so many times.
template <typename Row>
HWY_INLINE void for_each_source(const NearestPlane& plane, const Row& row) {
  for (int64_t y = 0, copies = 1; y < plane.rows; y += copies) {
    const int64_t source = plane.row_indices[y];
    copies = 1;
    while (y + copies < plane.rows && plane.row_indices[y + copies] == source) ++copies;
    row(plane.in + source * plane.in_stride, plane.out + y * plane.out_stride, copies);
  }
}

template <int64_t kTimes>
void repeat_rows(const NearestPlane& plane) {
  const int64_t first = plane.column_indices[0], count = plane.columns / kTimes, stride = plane.out_stride;
  for_each_source(plane, [&](const float* in, float* out, int64_t copies)
                             HWY_ATTR { repeat<kTimes>(in + first, count, out, copies, stride); });
}

// Of one channel.
void NearestRows(const NearestPlane& plane) {
  if (plane.times == 2) return repeat_rows<2>(plane);
  if (plane.times == 3) return repeat_rows<3>(plane);
  if (plane.times == 4) return repeat_rows<4>(plane);
  for_each_source(plane, [&](const float* in, float* out, int64_t copies) {
    pick(in, plane.column_indices, plane.columns, out);
    for (int64_t copy = 1; copy < copies; ++copy)
      std::copy_n(out, plane.columns, out + copy * plane.out_stride);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(WeighRows);
HWY_EXPORT(WeighColumns);
HWY_EXPORT(NearestRows);

namespace {

class Resize : public RegionKernel {
 public:
  Resize(const KernelRequest& request, bool nearest, ops::ResizeAxis vertical, ops::ResizeAxis horizontal)
      : nearest_(nearest),
        vertical_(std::move(vertical)),
        width_(horizontal.out_size),
        taps_(horizontal.taps),
        horizontal_(horizontal) {
    const Dims &in = request.shapes.inputs[0], &out = request.shapes.outputs[0];
    input_ = {in[1], in[2], in[3]};
    output_ = {out[1], out[2], out[3]};
    // Tap by tap, so that neighbouring outputs are neighbours in memory.
    for (int64_t tap = 0; tap < taps_; ++tap)
      for (int64_t i = 0; i < width_; ++i) {
        indices_.push_back(static_cast<int32_t>(horizontal.indices[static_cast<size_t>(i * taps_ + tap)]));
        weights_.push_back(horizontal.weights[static_cast<size_t>(i * taps_ + tap)]);
      }
    for (int64_t times = 2; nearest_ && times <= 4; ++times)
      if (repeats(times)) times_ = times;
  }

  Interval input_rows(Interval rows) const override { return vertical_.needed(rows); }
  Interval input_columns(Interval columns) const override { return horizontal_.needed(columns); }
  bool reads_exactly() const override { return true; }
  size_t scratch_floats(int64_t, int64_t) const override {
    return static_cast<size_t>(input_.width + kLanePadding) + 3 * static_cast<size_t>(vertical_.taps);
  }

  void run(const PlaneView& in, const PlaneView& out, Interval rows, Interval columns,
           float* scratch) const override {
    if (nearest_) return run_nearest(in, out, rows, columns);
    const Interval needed = input_columns(columns);
    auto** sources = reinterpret_cast<const float**>(scratch);
    float* weights = scratch + 2 * vertical_.taps;
    float* line = weights + vertical_.taps;
    for (int64_t channel = 0; channel < output_.channels; ++channel) {
      for (int64_t row = rows.begin; row < rows.end; ++row) {
        const size_t place = static_cast<size_t>(row * vertical_.taps);
        // What has no weight may be infinite.
        int64_t taps = 0;
        for (size_t tap = place; tap < place + static_cast<size_t>(vertical_.taps); ++tap)
          if (vertical_.weights[tap] != 0.0f) {
            sources[taps] = in.at(channel, vertical_.indices[tap], needed.begin);
            weights[taps++] = vertical_.weights[tap];
          }
        HWY_DYNAMIC_DISPATCH(WeighRows)(sources, weights, taps, needed.size(), line);
        HWY_DYNAMIC_DISPATCH(WeighColumns)
        (line - needed.begin, indices_.data() + columns.begin, weights_.data() + columns.begin, taps_, width_,
         columns.size(), out.at(channel, row, columns.begin));
      }
    }
  }

 private:
  bool repeats(int64_t times) const {
    for (size_t i = 0; i < indices_.size(); ++i)
      if (indices_[i] != static_cast<int32_t>(static_cast<int64_t>(i) / times)) return false;
    return width_ % times == 0;
  }

  void run_nearest(const PlaneView& in, const PlaneView& out, Interval rows, Interval columns) const {
    const bool whole = times_ > 0 && columns.begin % times_ == 0 && columns.size() % times_ == 0;
    for (int64_t channel = 0; channel < output_.channels; ++channel) HWY_DYNAMIC_DISPATCH(NearestRows)
    ({in.at(channel, 0, 0), in.row_stride, vertical_.indices.data() + rows.begin, rows.size(),
      indices_.data() + columns.begin, columns.size(), whole ? times_ : 0,
      out.at(channel, rows.begin, columns.begin), out.row_stride});
  }

  bool nearest_;
  int64_t times_ = 0;  // nearest alone: each column so many times
  ops::ResizeAxis vertical_;
  int64_t width_;
  int64_t taps_;
  ops::ResizeAxis horizontal_;
  CountedVector<int32_t> indices_;  // [taps][width]
  CountedVector<float> weights_;
};

double scale_of(const KernelRequest& request, size_t axis) {
  const auto& shapes = request.shapes;
  const double by_sizes =
      static_cast<double>(shapes.outputs[0][axis]) / static_cast<double>(shapes.inputs[0][axis]);
  const Tensor* scales = shapes.constants.size() > 2 ? shapes.constants[2] : nullptr;
  return scales && scales->count() == 4 ? double{scales->data<float>()[axis]} : by_sizes;
}

bool is_plain(const KernelRequest& request, const ops::ResizeParameters& parameters) {
  const auto& shapes = request.shapes;
  const Dims &in = shapes.inputs[0], &out = shapes.outputs[0];
  if (!request.node().domain().empty() || request.input_types[0] != DataType::kFloat || in.size() != 4)
    return false;
  if (in[0] != out[0] || in[1] != out[1] || scale_of(request, 0) != 1.0 || scale_of(request, 1) != 1.0)
    return false;
  // Scales that are only known when it runs: the sizes do not tell them, since they are rounded.
  const bool by_scales =
      shapes.inputs.size() > 2 && element_count(shapes.inputs[2]) > 0 && request.node().input(2);
  if (by_scales && !shapes.constants[2]) return false;
  // Crops, axes in another order and sizes that keep an aspect ratio are the reference kernel's.
  return parameters.transformation != ops::CoordinateTransformation::kTfCropAndResize &&
         !request.node().find_attribute("axes") &&
         request.node().string_attribute("keep_aspect_ratio_policy", "stretch") == "stretch";
}

}  // namespace

std::unique_ptr<RegionKernel> make_resize(const KernelRequest& request) {
  const ops::ResizeParameters parameters = ops::resize_parameters(request.node());
  if (!is_plain(request, parameters)) return nullptr;
  const Dims &in = request.shapes.inputs[0], &out = request.shapes.outputs[0];
  return std::make_unique<Resize>(request, parameters.mode == ops::ResizeMode::kNearest,
                                  ops::plan_resize_axis(parameters, in[2], out[2], scale_of(request, 2)),
                                  ops::plan_resize_axis(parameters, in[3], out[3], scale_of(request, 3)));
}

}  // namespace slipway::engine
#endif
