#include "engine/kernels/weighed_points.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/weighed_points.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// kVectors vectors of channels of one point.
template <bool kLargest, int kVectors, typename D>
HWY_INLINE void make_vectors(D d, const float* image, const WeighedPoint& point, float extra, float* out) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<D> result[kVectors];
  for (int v = 0; v < kVectors; ++v) result[v] = hn::Set(d, kLargest ? extra : 0.0f);
  for (int64_t row = 0; row < point.row_count; ++row)
    for (int64_t column = 0; column < point.column_count; ++column) {
      const float* from = image + point.rows[row].place + point.columns[column].place;
      const auto weight = hn::Set(d, point.rows[row].weight * point.columns[column].weight);
      for (int v = 0; v < kVectors; ++v) {
        const auto x = hn::LoadU(d, from + v * lanes);
        if constexpr (kLargest) {
          const auto product = hn::Mul(weight, x);
          result[v] = hn::IfThenElse(hn::Gt(product, result[v]), product, result[v]);
        } else {
          result[v] = hn::MulAdd(weight, x, result[v]);
        }
      }
    }
  for (int v = 0; v < kVectors; ++v)
    hn::StoreU(kLargest ? result[v] : hn::Mul(result[v], hn::Set(d, extra)), d, out + v * lanes);
}

template <bool kLargest, typename D>
HWY_INLINE void make_points(D d, const float* image, int64_t channels, std::span<const WeighedPoint> points,
                            const float* extra, float* out) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (size_t i = 0; i < points.size(); ++i, out += channels) {
    const float of_point = extra ? extra[i] : 1.0f;
    int64_t channel = 0;
    for (; channel + 4 * lanes <= channels; channel += 4 * lanes)
      make_vectors<kLargest, 4>(d, image + channel, points[i], of_point, out + channel);
    for (; channel < channels; channel += lanes)
      make_vectors<kLargest, 1>(d, image + channel, points[i], of_point, out + channel);
  }
}

template <bool kLargest>
HWY_INLINE void make(const float* image, int64_t channels, std::span<const WeighedPoint> points,
                     const float* extra, float* out) {
  if (channels % 16 == 0)
    make_points<kLargest>(HWY_CAPPED(float, 16)(), image, channels, points, extra, out);
  else
    make_points<kLargest>(HWY_CAPPED(float, 4)(), image, channels, points, extra, out);
}

void SumPoints(const float* image, int64_t channels, std::span<const WeighedPoint> points, const float* scale,
               float* out) {
  make<false>(image, channels, points, scale, out);
}
void LargestOfPoints(const float* image, int64_t channels, std::span<const WeighedPoint> points,
                     const float* start, float* out) {
  make<true>(image, channels, points, start, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(SumPoints);
HWY_EXPORT(LargestOfPoints);

int64_t padded_channels(int64_t channels) {
  const int64_t vector = channels > 12 ? 16 : 4;
  return (channels + vector - 1) / vector * vector;
}

void sum_points(const float* image, int64_t channels, std::span<const WeighedPoint> points,
                const float* scale, float* out) {
  HWY_DYNAMIC_DISPATCH(SumPoints)(image, padded_channels(channels), points, scale, out);
}

void largest_of_points(const float* image, int64_t channels, std::span<const WeighedPoint> points,
                       const float* start, float* out) {
  HWY_DYNAMIC_DISPATCH(LargestOfPoints)(image, padded_channels(channels), points, start, out);
}

float sum_of_point(const float* plane, const WeighedPoint& point) {
  float sum = 0;
  for (int64_t row = 0; row < point.row_count; ++row)
    for (int64_t column = 0; column < point.column_count; ++column)
      sum += point.rows[row].weight * point.columns[column].weight *
             plane[point.rows[row].place + point.columns[column].place];
  return sum;
}

float largest_of_point(const float* plane, const WeighedPoint& point, float start) {
  float largest = start;
  for (int64_t row = 0; row < point.row_count; ++row)
    for (int64_t column = 0; column < point.column_count; ++column)
      largest = std::max(largest, point.rows[row].weight * point.columns[column].weight *
                                      plane[point.rows[row].place + point.columns[column].place]);
  return largest;
}

StridedCopy to_channels_last(int64_t images, int64_t channels, int64_t area) {
  const int64_t padded = padded_channels(channels);
  return {sizeof(float), {images, area, channels}, {channels * area, 1, area}, {area * padded, padded, 1}};
}

StridedCopy from_channels_last(int64_t channels, int64_t points, int64_t out_area) {
  return {sizeof(float), {channels, points}, {1, padded_channels(channels)}, {out_area, 1}};
}

}  // namespace slipway::engine
#endif
