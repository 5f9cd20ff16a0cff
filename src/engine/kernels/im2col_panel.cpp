#include "engine/kernels/im2col_panel.hpp"

#include <algorithm>
#include <cstring>

#include "engine/ceil_div.hpp"

namespace slipway::engine {
namespace {

// `count` floats from `column` on, a stride apart; zeros outside of the row of `row_width`.
void gather_row(const float* row, int64_t row_width, int64_t column, int64_t stride, int64_t count,
                float* to) {
  const int64_t before = std::clamp<int64_t>(ceil_div(-column, stride), 0, count);
  const int64_t inside = std::clamp<int64_t>(ceil_div(row_width - column, stride), before, count);
  std::fill_n(to, before, 0.0f);
  if (stride == 1) {
    std::memcpy(to + before, row + column + before, static_cast<size_t>(inside - before) * sizeof(float));
  } else {
    for (int64_t i = before; i < inside; ++i) to[i] = row[column + i * stride];
  }
  std::fill(to + inside, to + count, 0.0f);
}

}  // namespace

void gather_panel(const ConvolutionParameters& p, const float* image, Interval ks, Interval pixels,
                  int64_t width, float* panel) {
  const int64_t area = p.kernel_height * p.kernel_width;
  for (int64_t k = ks.begin; k < ks.end; ++k, panel += width) {
    const float* plane = image + k / area * p.input.height * p.input.width;
    const int64_t y = k % area / p.kernel_width * p.dilation_height - p.pad_top;
    const int64_t x = k % p.kernel_width * p.dilation_width - p.pad_left;
    float* to = panel;
    for (int64_t pixel = pixels.begin; pixel < pixels.end;) {
      const int64_t row = pixel / p.output.width, column = pixel % p.output.width;
      const int64_t count = std::min(p.output.width - column, pixels.end - pixel);
      const int64_t in_row = row * p.stride_height + y;
      if (in_row < 0 || in_row >= p.input.height) {
        std::fill_n(to, count, 0.0f);
      } else {
        gather_row(plane + in_row * p.input.width, p.input.width, column * p.stride_width + x, p.stride_width,
                   count, to);
      }
      to += count;
      pixel += count;
    }
    std::fill(to, panel + width, 0.0f);
  }
}

}  // namespace slipway::engine
