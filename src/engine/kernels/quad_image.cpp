#include "engine/kernels/quad_image.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/ceil_div.hpp"
#include "engine/kernels/dot_tile.hpp"
#include "engine/kernels/window_axis.hpp"

namespace slipway::engine {
namespace {

// Of the layout of a strip; it is read once for each few output channels.
constexpr int64_t kMostBytes = int64_t{256} * 1024;
// Bytes of a layout that may be read beyond the last one.
constexpr int64_t kSlack = 4 * kMostDotWidth;
constexpr double kMostQuads = 1 << 21;
// Of a strip of one row and its lines, whatever the image; larger images may take a multiple of theirs.
constexpr double kMostRowBytes = 64 << 20, kMostImages = 16;

// Whichever makes fewer quads.
bool neighbours_are_better(const ConvolutionParameters& p) {
  return p.dilation_width == 1 &&
         p.group_inputs() * ceil_div(p.kernel_width, 4) < ceil_div(p.group_inputs(), 4) * p.kernel_width;
}

int64_t channel_sets_of(const ConvolutionParameters& p, bool neighbours) {
  return neighbours ? p.group_inputs() : ceil_div(p.group_inputs(), 4);
}

int64_t tap_columns_of(const ConvolutionParameters& p, bool neighbours) {
  return neighbours ? ceil_div(p.kernel_width, 4) : p.kernel_width;
}

int64_t row_stride_of(const ConvolutionParameters& p, bool neighbours) {
  return p.output.width + (neighbours ? 0 : width_axis(p).halo());
}

}  // namespace

QuadImage::QuadImage(const ConvolutionParameters& parameters, int64_t most_rows)
    : p_(parameters),
      neighbours_(neighbours_are_better(p_)),
      tap_columns_(tap_columns_of(p_, neighbours_)),
      row_stride_(row_stride_of(p_, neighbours_)) {
  line_ = row_stride_ * p_.stride_width + std::max(p_.stride_width, 4 * tap_columns_) + 16;
  find_phases();
  const int64_t halo = height_axis(p_).halo(), row_bytes = channel_sets() * planes() * row_stride_ * 4;
  const int64_t fitting = std::max<int64_t>(1, kMostBytes / row_bytes - halo);
  rows_ = ceil_div(most_rows, ceil_div(most_rows, fitting));
  plane_rows_ = rows_ + halo;
  find_quads();
}

bool QuadImage::fits(const ConvolutionParameters& p) {
  const bool neighbours = neighbours_are_better(p);
  const int64_t columns = tap_columns_of(p, neighbours),
                row_phases = std::min(p.kernel_height, p.stride_height),
                column_phases = neighbours ? columns : std::min(columns, p.stride_width);
  if (row_phases > kMostPhases || (!neighbours && column_phases > kMostPhases)) return false;
  const auto sets = static_cast<double>(channel_sets_of(p, neighbours)),
             row_stride = static_cast<double>(row_stride_of(p, neighbours)),
             stride = static_cast<double>(p.stride_width), taps = static_cast<double>(columns);
  if (sets * static_cast<double>(p.kernel_height) * taps > kMostQuads) return false;
  const double strip = sets * static_cast<double>(row_phases) * static_cast<double>(column_phases) *
                       (static_cast<double>(height_axis(p).halo()) + 1) * row_stride * 4;
  const double lines = 8 * (row_stride * stride + std::max(stride, 4 * taps));
  const double image = static_cast<double>(p.group_inputs()) * static_cast<double>(p.input.height) *
                       static_cast<double>(p.input.width);
  return strip + lines <= std::max(kMostRowBytes, kMostImages * image);
}

int64_t QuadImage::channel_sets() const {
  return channel_sets_of(p_, neighbours_);
}

int64_t QuadImage::bytes() const {
  return round_up(channel_sets() * planes() * plane_bytes() + kSlack, 64);
}

// Four lines, and their units.
int64_t QuadImage::scratch_bytes() const {
  return round_up(8 * line_, 64);
}

void QuadImage::find_phases() {
  row_phases_ = height_axis(p_).phases();
  if (!neighbours_) {
    column_phases_ = width_axis(p_).phases();
    return;
  }
  for (int64_t x = 0; x < tap_columns_; ++x) column_phases_.push_back(4 * x);
}

void QuadImage::find_quads() {
  const auto place = [](const CountedVector<int64_t>& phases, int64_t phase) {
    return std::find(phases.begin(), phases.end(), phase) - phases.begin();
  };
  const int64_t area = p_.kernel_height * p_.kernel_width,
                columns = static_cast<int64_t>(column_phases_.size());
  for (int64_t set = 0; set < channel_sets(); ++set)
    for (int64_t y = 0; y < p_.kernel_height; ++y) {
      const int64_t row = y * p_.dilation_height;
      const int64_t first_plane = set * planes() + place(row_phases_, row % p_.stride_height) * columns;
      for (int64_t x = 0; x < tap_columns_; ++x) {
        const int64_t column = x * p_.dilation_width;
        const int64_t plane =
            first_plane + (neighbours_ ? x : place(column_phases_, column % p_.stride_width));
        offsets_.push_back(
            plane * plane_bytes() +
            (row / p_.stride_height * row_stride_ + (neighbours_ ? 0 : column / p_.stride_width)) * 4);
        for (int64_t i = 0; i < 4; ++i) {
          const int64_t channel = neighbours_ ? set : 4 * set + i, tap = neighbours_ ? 4 * x + i : x;
          const bool is_there = channel < p_.group_inputs() && tap < p_.kernel_width;
          weights_.push_back(is_there ? channel * area + y * p_.kernel_width + tap : -1);
        }
      }
    }
}

void QuadImage::lay_out(const uint8_t* planes, Interval rows, uint8_t flip, uint8_t padding, uint8_t* to,
                        uint8_t* scratch) const {
  const int64_t count = plane_rows_ - (rows_ - rows.size()), in_set = neighbours_ ? 1 : 4;
  std::memset(scratch, padding, static_cast<size_t>(4 * line_));
  for (int64_t set = 0; set < channel_sets(); ++set) {
    const uint8_t* first = planes + set * in_set * p_.input.height * p_.input.width;
    const int64_t channels = std::min(in_set, p_.group_inputs() - set * in_set);
    if (rows_touch()) {
      lay_out_rows(first, channels, rows.begin - p_.pad_top, count, flip, padding, to);
      to += plane_bytes();
      continue;
    }
    for (const int64_t phase : row_phases_) {
      for (int64_t i = 0; i < count; ++i) {
        const int64_t row = (rows.begin + i) * p_.stride_height + phase - p_.pad_top;
        const bool is_there = row >= 0 && row < p_.input.height;
        lay_out_row(is_there ? first + row * p_.input.width : nullptr, channels, flip, padding,
                    to + i * row_stride_ * 4, scratch);
      }
      to += static_cast<int64_t>(column_phases_.size()) * plane_bytes();
    }
  }
}

void QuadImage::gather(const uint8_t* layout, Interval outputs, int64_t stride, uint8_t* to) const {
  const int64_t width = p_.output.width;
  std::array<QuadRun, kMostGathered> runs;
  size_t count = 0;
  for (int64_t at = outputs.begin, next; at < outputs.end; at = next) {
    next = std::min(outputs.end, (at / width + 1) * width);
    runs[count++] = {(at / width * row_stride_ + at % width) * 4, (at - outputs.begin) * 4, (next - at) * 4};
  }
  gather_quads(layout, offsets_.data(), static_cast<int64_t>(offsets_.size()), {runs.data(), count}, stride,
               to);
}

// Whether rows follow each other as they do in the image.
bool QuadImage::rows_touch() const {
  return !neighbours_ && p_.stride_height == 1 && p_.stride_width == 1 && p_.pad_left == 0 &&
         row_stride_ == p_.input.width;
}

// Rows that touch, of up to four channels, whose only plane they make: one long row, with padding above and
// below it.
void QuadImage::lay_out_rows(const uint8_t* plane, int64_t channels, int64_t first, int64_t count,
                             uint8_t flip, uint8_t padding, uint8_t* to) const {
  const int64_t width = p_.input.width, begin = std::clamp<int64_t>(-first, 0, count),
                end = std::clamp<int64_t>(p_.input.height - first, begin, count);
  const auto channel = [&](int64_t i) {
    return plane + (std::min(i, channels - 1) * p_.input.height + first + begin) * width;
  };
  std::memset(to, padding, static_cast<size_t>(4 * begin * width));
  interleave_quads({channel(0), channel(1), channel(2), channel(3)}, (end - begin) * width, flip,
                   to + 4 * begin * width);
  std::memset(to + 4 * end * width, padding, static_cast<size_t>(4 * (count - end) * width));
}

// A row of up to four channels, or of padding alone, in all planes of its phase.
void QuadImage::lay_out_row(const uint8_t* row, int64_t channels, uint8_t flip, uint8_t padding, uint8_t* to,
                            uint8_t* scratch) const {
  const bool by_lines = neighbours_ || p_.stride_width > 1;
  if (row && by_lines) fill_lines(row, channels, flip, scratch);
  for (const int64_t column : column_phases_) {
    if (!row)
      std::memset(to, padding, static_cast<size_t>(row_stride_ * 4));
    else if (by_lines)
      lay_out_lines(scratch, column, to, scratch + 4 * line_);
    else
      interleave_channels(row, channels, flip, padding, to);
    to += plane_bytes();
  }
}

// What stands in for channels that are not there is not multiplied.
void QuadImage::interleave_channels(const uint8_t* row, int64_t channels, uint8_t flip, uint8_t padding,
                                    uint8_t* to) const {
  const auto channel = [&](int64_t i) {
    return row + std::min(i, channels - 1) * p_.input.height * p_.input.width;
  };
  const int64_t before = std::min(p_.pad_left, row_stride_),
                inside = std::min(p_.input.width, row_stride_ - before);
  std::memset(to, padding, static_cast<size_t>(4 * before));
  interleave_quads({channel(0), channel(1), channel(2), channel(3)}, inside, flip, to + 4 * before);
  std::memset(to + 4 * (before + inside), padding, static_cast<size_t>(4 * (row_stride_ - before - inside)));
}

// Into lines that are padding already.
void QuadImage::fill_lines(const uint8_t* row, int64_t channels, uint8_t flip, uint8_t* lines) const {
  const int64_t before = std::min(p_.pad_left, line_), inside = std::min(p_.input.width, line_ - before);
  for (int64_t i = 0; i < channels; ++i) {
    const uint8_t* from = row + i * p_.input.height * p_.input.width;
    uint8_t* to = lines + i * line_ + before;
    if (flip)
      copy_row(from, inside, flip, to);
    else
      std::memcpy(to, from, static_cast<size_t>(inside));
  }
}

// The units of a row of a plane that begins at `column` of the lines: of four lines, or of four neighbours.
void QuadImage::lay_out_lines(const uint8_t* lines, int64_t column, uint8_t* to, uint8_t* units) const {
  const int64_t stride = p_.stride_width;
  const uint8_t* row = lines + column;
  if (neighbours_) return neighbour_quads(row, row_stride_, stride, to);
  interleave_quads({row, row + line_, row + 2 * line_, row + 3 * line_}, (row_stride_ - 1) * stride + 1, 0,
                   units);
  for (int64_t i = 0; i < row_stride_; ++i) std::memcpy(to + 4 * i, units + i * 4 * stride, 4);
}

}  // namespace slipway::engine
