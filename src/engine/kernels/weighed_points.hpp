// Sums of weighed places of an image with all channels of a place side by side: what GridSample and RoiAlign
// do, once an image lies like that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/kernels/strided_copy.hpp"

namespace slipway::engine {

// A place along some axes, in floats, and what it counts.
struct WeighedPlace {
  int64_t place;
  float weight;
};

// One point: every row with every column.
struct WeighedPoint {
  const WeighedPlace* rows;
  int64_t row_count;
  const WeighedPlace* columns;
  int64_t column_count;
};

// Channels that lie side by side, with room for whole vectors.
int64_t padded_channels(int64_t channels);

// out[point · channels + c] = scale[point] · Σ row weight · column weight · image[row + column + c] for all
// padded channels; `scale` may be nullptr.
void sum_points(const float* image, int64_t channels, std::span<const WeighedPoint> points,
                const float* scale, float* out);
// The same, but the largest product instead of the sum, or start[point] where that is larger.
void largest_of_points(const float* image, int64_t channels, std::span<const WeighedPoint> points,
                       const float* start, float* out);

// One point of one channel, of an image that lies as it came: the sum without its scale, the largest.
float sum_of_point(const float* plane, const WeighedPoint& point);
float largest_of_point(const float* plane, const WeighedPoint& point, float start);

// [images][channels][area] to [images][area][padded channels] and, for some points of one image, back.
StridedCopy to_channels_last(int64_t images, int64_t channels, int64_t area);
StridedCopy from_channels_last(int64_t channels, int64_t points, int64_t out_area);

}  // namespace slipway::engine
