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

void copy_row(const float* from, int64_t count, float* to) {
  if (copied_blocks<8>(from, count, to) || copied_blocks<4>(from, count, to)) return;
  for (int64_t i = 0; i < count; ++i) to[i] = from[i];
}

// A stride that is known makes it code of vectors.
template <int64_t kStride>
void pick_every(const float* from, int64_t begin, int64_t end, float* to) {
  for (int64_t i = begin; i < end; ++i) to[i] = from[i * kStride];
}

bool is_inside(int64_t place, int64_t size) {
  return place >= 0 && place < size;
}

// Neighbouring pixels of one row of the output.
struct RowPart {
  int64_t plane, row, column, count;
};

// These pixels' columns of the panel's rows `ks`.
void gather_part(const ConvolutionParameters& p, const float* image, Interval ks, const RowPart& part,
                 int64_t width, float* to) {
  int64_t x = ks.begin % p.kernel_width, rest = ks.begin / p.kernel_width;
  int64_t y = rest % p.kernel_height;
  rest /= p.kernel_height;
  int64_t z = rest % p.kernel_depth;
  const float* channel = image + rest / p.kernel_depth * p.input_pixels();
  const int64_t first_plane = part.plane * p.stride_depth - p.pad_front;
  const int64_t first_row = part.row * p.stride_height - p.pad_top;
  const int64_t first_column = part.column * p.stride_width - p.pad_left;
  for (int64_t k = ks.begin; k < ks.end; ++k, to += width) {
    const int64_t plane = first_plane + z * p.dilation_depth, row = first_row + y * p.dilation_height;
    if (is_inside(plane, p.input_depth) && is_inside(row, p.input.height))
      gather_row(channel + (plane * p.input.height + row) * p.input.width, p.input.width,
                 first_column + x * p.dilation_width, p.stride_width, part.count, to);
    else
      std::fill_n(to, part.count, 0.0f);
    if (++x < p.kernel_width) continue;
    x = 0;
    if (++y < p.kernel_height) continue;
    y = 0;
    if (++z < p.kernel_depth) continue;
    z = 0;
    channel += p.input_pixels();
  }
}

}  // namespace

void gather_row(const float* row, int64_t row_width, int64_t column, int64_t stride, int64_t count,
                float* to) {
  int64_t before = 0, inside = count;
  if (column < 0 || column + (count - 1) * stride >= row_width) {
    before = std::clamp<int64_t>(ceil_div(-column, stride), 0, count);
    inside = std::clamp<int64_t>(ceil_div(row_width - column, stride), before, count);
    std::fill_n(to, before, 0.0f);
    std::fill(to + inside, to + count, 0.0f);
  }
  if (stride == 1) return copy_row(row + column + before, inside - before, to + before);
  if (stride == 2) return pick_every<2>(row + column, before, inside, to);
  for (int64_t i = before; i < inside; ++i) to[i] = row[column + i * stride];
}

void gather_panel(const ConvolutionParameters& p, const float* image, Interval ks, Interval pixels,
                  int64_t width, float* panel) {
  for (int64_t pixel = pixels.begin; pixel < pixels.end;) {
    const int64_t column = pixel % p.output.width, row = pixel / p.output.width;
    const int64_t count = std::min(p.output.width - column, pixels.end - pixel);
    gather_part(p, image, ks, {row / p.output.height, row % p.output.height, column, count}, width,
                panel + (pixel - pixels.begin));
    pixel += count;
  }
  if (pixels.size() == width) return;
  for (int64_t k = 0; k < ks.size(); ++k)
    std::fill(panel + k * width + pixels.size(), panel + (k + 1) * width, 0.0f);
}

}  // namespace slipway::engine
