#include "engine/kernels/quad_image.hpp"

#include <algorithm>
#include <cstring>

#include "engine/ceil_div.hpp"
#include "engine/kernels/dot_tile.hpp"

namespace slipway::engine {
namespace {

// Of the layout of a strip; it is read once for each few output channels.
constexpr int64_t kMostBytes = int64_t{256} * 1024;
// Bytes of a layout that may be read beyond the last one.
constexpr int64_t kSlack = 4 * kMostDotWidth;

// Whichever makes fewer quads.
bool neighbours_are_better(const ConvolutionParameters& p) {
  return p.dilation_width == 1 &&
         p.group_inputs() * ceil_div(p.kernel_width, 4) < ceil_div(p.group_inputs(), 4) * p.kernel_width;
}

}  // namespace

QuadImage::QuadImage(const ConvolutionParameters& parameters, int64_t most_rows)
    : p_(parameters),
      neighbours_(neighbours_are_better(p_)),
      tap_columns_(neighbours_ ? ceil_div(p_.kernel_width, 4) : p_.kernel_width) {
  const int64_t reach = (p_.kernel_width - 1) * p_.dilation_width;
  row_stride_ = p_.output.width + (neighbours_ ? 0 : reach / p_.stride_width);
  line_ = row_stride_ * p_.stride_width + std::max(p_.stride_width, 4 * tap_columns_) + 8;
  find_planes();
  const int64_t halo = (p_.kernel_height - 1) * p_.dilation_height / p_.stride_height;
  const int64_t row_bytes = channel_sets() * static_cast<int64_t>(planes_.size()) * row_stride_ * 4;
  rows_ = std::clamp<int64_t>(kMostBytes / row_bytes - halo, 1, most_rows);
  plane_rows_ = rows_ + halo;
  find_quads();
}

int64_t QuadImage::channel_sets() const {
  return neighbours_ ? p_.group_inputs() : ceil_div(p_.group_inputs(), 4);
}

int64_t QuadImage::bytes() const {
  return round_up(channel_sets() * static_cast<int64_t>(planes_.size()) * plane_bytes() + kSlack, 64);
}

// Four lines, and their units.
int64_t QuadImage::scratch_bytes() const {
  return round_up(8 * line_, 64);
}

int64_t QuadImage::plane_of(int64_t tap_row, int64_t tap_column) const {
  const Plane plane{tap_row * p_.dilation_height % p_.stride_height,
                    neighbours_ ? 4 * tap_column : tap_column * p_.dilation_width % p_.stride_width};
  return std::find(planes_.begin(), planes_.end(), plane) - planes_.begin();
}

void QuadImage::find_planes() {
  for (int64_t y = 0; y < p_.kernel_height; ++y)
    for (int64_t x = 0; x < tap_columns_; ++x)
      if (plane_of(y, x) == static_cast<int64_t>(planes_.size()))
        planes_.push_back({y * p_.dilation_height % p_.stride_height,
                           neighbours_ ? 4 * x : x * p_.dilation_width % p_.stride_width});
}

void QuadImage::find_quads() {
  const int64_t area = p_.kernel_height * p_.kernel_width;
  for (int64_t set = 0; set < channel_sets(); ++set)
    for (int64_t y = 0; y < p_.kernel_height; ++y)
      for (int64_t x = 0; x < tap_columns_; ++x) {
        const int64_t plane = set * static_cast<int64_t>(planes_.size()) + plane_of(y, x);
        const int64_t row = y * p_.dilation_height / p_.stride_height;
        const int64_t column = neighbours_ ? 0 : x * p_.dilation_width / p_.stride_width;
        offsets_.push_back(plane * plane_bytes() + (row * row_stride_ + column) * 4);
        for (int64_t i = 0; i < 4; ++i) {
          const int64_t channel = neighbours_ ? set : 4 * set + i, tap = neighbours_ ? 4 * x + i : x;
          const bool is_there = channel < p_.group_inputs() && tap < p_.kernel_width;
          weights_.push_back(is_there ? channel * area + y * p_.kernel_width + tap : -1);
        }
      }
}

void QuadImage::lay_out(const uint8_t* planes, Interval rows, uint8_t flip, uint8_t padding, uint8_t* to,
                        uint8_t* scratch) const {
  const int64_t count = plane_rows_ - (rows_ - rows.size()), in_set = neighbours_ ? 1 : 4;
  for (int64_t set = 0; set < channel_sets(); ++set)
    for (int64_t phase = 0; phase < p_.stride_height; ++phase) {
      const auto is_of_phase = [&](const Plane& plane) { return plane.row == phase; };
      if (std::none_of(planes_.begin(), planes_.end(), is_of_phase)) continue;
      for (int64_t row = 0; row < count; ++row) {
        for (int64_t i = 0; i < in_set; ++i)
          fill_line(planes, set * in_set + i, (rows.begin + row) * p_.stride_height + phase, flip, padding,
                    scratch + i * line_);
        for (size_t plane = 0; plane < planes_.size(); ++plane) {
          if (!is_of_phase(planes_[plane])) continue;
          const int64_t place = set * static_cast<int64_t>(planes_.size()) + static_cast<int64_t>(plane);
          lay_out_line(scratch, planes_[plane].column, to + place * plane_bytes() + row * row_stride_ * 4,
                       scratch + 4 * line_);
        }
      }
    }
}

// Row `row` of the padded channel.
void QuadImage::fill_line(const uint8_t* planes, int64_t channel, int64_t row, uint8_t flip, uint8_t padding,
                          uint8_t* line) const {
  const int64_t in_row = row - p_.pad_top;
  const bool is_there = channel < p_.group_inputs() && in_row >= 0 && in_row < p_.input.height;
  const int64_t before = is_there ? std::min(p_.pad_left, line_) : line_;
  const int64_t inside = is_there ? std::min(p_.input.width, line_ - before) : 0;
  std::memset(line, padding, static_cast<size_t>(before));
  if (is_there)
    copy_row(planes + (channel * p_.input.height + in_row) * p_.input.width, inside, flip, inside,
             line + before);
  std::memset(line + before + inside, padding, static_cast<size_t>(line_ - before - inside));
}

// The units of a row of a plane that begins at `column` of the lines: of four lines, or of four neighbours.
void QuadImage::lay_out_line(const uint8_t* lines, int64_t column, uint8_t* to, uint8_t* units) const {
  const int64_t stride = p_.stride_width, step = neighbours_ ? 1 : line_;
  const uint8_t* first = lines + column;
  const uint8_t* const rows[4] = {first, first + step, first + 2 * step, first + 3 * step};
  if (stride == 1) return interleave_quads(rows, row_stride_, 0, to);
  const uint8_t* from = first;
  if (!neighbours_) {
    interleave_quads(rows, (row_stride_ - 1) * stride + 1, 0, units);
    from = units;
  }
  const int64_t unit = neighbours_ ? stride : 4 * stride;
  for (int64_t i = 0; i < row_stride_; ++i) std::memcpy(to + 4 * i, from + i * unit, 4);
}

}  // namespace slipway::engine
