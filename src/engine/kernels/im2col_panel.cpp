#include "engine/kernels/im2col_panel.hpp"

#include <algorithm>
#include <cstring>

#include "engine/ceil_div.hpp"

namespace slipway::engine {
namespace {

// Rows are short: a call of memcpy would take longer than the copy. Blocks of a fixed size are a few moves,
// and the last one may overlap the one before.
template <int64_t kBlock>
bool copied_blocks(const float* from, int64_t count, float* to) {
  if (count < kBlock) return false;
  for (int64_t i = 0; i < count - kBlock; i += kBlock) std::memcpy(to + i, from + i, kBlock * sizeof(float));
  std::memcpy(to + count - kBlock, from + count - kBlock, kBlock * sizeof(float));
  return true;
}

}  // namespace

void copy_row(const float* from, int64_t count, float* to) {
  if (copied_blocks<8>(from, count, to) || copied_blocks<4>(from, count, to)) return;
  for (int64_t i = 0; i < count; ++i) to[i] = from[i];
}

namespace {

// A stride that is known makes it code of vectors.
template <int64_t kStride>
void pick_every(const float* from, Interval places, float* to) {
  for (int64_t i = places.begin; i < places.end; ++i) to[i] = from[i * kStride];
}

// Those of `count` places from `column` on, a stride apart, that lie inside of a row of the image.
Interval places_inside(int64_t row_width, int64_t column, int64_t stride, int64_t count) {
  if (column >= 0 && column + (count - 1) * stride < row_width) return {0, count};
  const int64_t begin = std::clamp<int64_t>(ceil_div(-column, stride), 0, count);
  return {begin, std::clamp<int64_t>(ceil_div(row_width - column, stride), begin, count)};
}

// `count` floats a stride apart, zeros but for those `inside`.
void gather_places(const float* from, Interval inside, int64_t stride, int64_t count, float* to) {
  if (inside.begin > 0) std::fill_n(to, inside.begin, 0.0f);
  if (inside.end < count) std::fill(to + inside.end, to + count, 0.0f);
  if (stride == 1) return copy_row(from + inside.begin, inside.size(), to + inside.begin);
  if (stride == 2) return pick_every<2>(from, inside, to);
  if (stride == 4) return pick_every<4>(from, inside, to);
  for (int64_t i = inside.begin; i < inside.end; ++i) to[i] = from[i * stride];
}

bool is_inside(int64_t place, int64_t size) {
  return place >= 0 && place < size;
}

// Neighbouring pixels of one row of the output.
struct RowPart {
  int64_t plane, row, column, count;
};

// These pixels' columns of every kernel_width-th of the panel's rows `ks`: of one place in the window's rows,
// of which all read the same columns. `to` is in the first of these rows.
void gather_part(const ConvolutionParameters& p, const float* image, Interval ks, const RowPart& part,
                 int64_t width, float* to) {
  const int64_t x = ks.begin % p.kernel_width, window = ks.begin / p.kernel_width;
  int64_t y = window % p.kernel_height, z = window / p.kernel_height % p.kernel_depth;
  const float* channel = image + window / (p.kernel_height * p.kernel_depth) * p.input_pixels();
  const int64_t first_plane = part.plane * p.stride_depth - p.pad_front;
  const int64_t first_row = part.row * p.stride_height - p.pad_top;
  const int64_t column = part.column * p.stride_width - p.pad_left + x * p.dilation_width;
  const Interval inside = places_inside(p.input.width, column, p.stride_width, part.count);
  for (int64_t k = ks.begin; k < ks.end; k += p.kernel_width, to += p.kernel_width * width) {
    const int64_t plane = first_plane + z * p.dilation_depth, row = first_row + y * p.dilation_height;
    if (is_inside(plane, p.input_depth) && is_inside(row, p.input.height))
      gather_places(channel + (plane * p.input.height + row) * p.input.width + column, inside, p.stride_width,
                    part.count, to);
    else
      std::fill_n(to, part.count, 0.0f);
    if (++y < p.kernel_height) continue;
    y = 0;
    if (++z < p.kernel_depth) continue;
    z = 0;
    channel += p.input_pixels();
  }
}

void gather_windows(const ConvolutionParameters& p, const float* image, Interval ks, Interval pixels,
                    int64_t width, float* panel) {
  for (int64_t pixel = pixels.begin; pixel < pixels.end;) {
    const int64_t column = pixel % p.output.width, row = pixel / p.output.width;
    const int64_t count = std::min(p.output.width - column, pixels.end - pixel);
    const RowPart part{row / p.output.height, row % p.output.height, column, count};
    for (int64_t k = 0; k < std::min(p.kernel_width, ks.size()); ++k)
      gather_part(p, image, {ks.begin + k, ks.end}, part, width, panel + k * width + (pixel - pixels.begin));
    pixel += count;
  }
}

// Whether the pixels of each product are those of an input channel.
bool is_pointwise(const ConvolutionParameters& p) {
  return p.k() == p.group_inputs() && p.stride_depth == 1 && p.stride_height == 1 && p.stride_width == 1 &&
         p.pad_front == 0 && p.pad_top == 0 && p.pad_left == 0 && p.input_depth == p.output_depth &&
         p.input.height == p.output.height && p.input.width == p.output.width;
}

}  // namespace

void gather_row(const float* row, int64_t row_width, int64_t column, int64_t stride, int64_t count,
                float* to) {
  gather_places(row + column, places_inside(row_width, column, stride, count), stride, count, to);
}

void gather_panel(const ConvolutionParameters& p, const float* image, Interval ks, Interval pixels,
                  int64_t width, float* panel) {
  if (is_pointwise(p))
    for (int64_t k = ks.begin; k < ks.end; ++k)
      copy_row(image + k * p.input_pixels() + pixels.begin, pixels.size(), panel + (k - ks.begin) * width);
  else
    gather_windows(p, image, ks, pixels, width, panel);
  if (pixels.size() == width) return;
  for (int64_t k = 0; k < ks.size(); ++k)
    std::fill(panel + k * width + pixels.size(), panel + (k + 1) * width, 0.0f);
}

}  // namespace slipway::engine
