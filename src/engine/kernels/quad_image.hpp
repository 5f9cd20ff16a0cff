// A part of an image of bytes, laid out so that a convolution over it is a product of quads (dot_tile.hpp):
// neighbouring lanes are neighbouring outputs, the four bytes of a lane are four inputs that one output
// reads. These are four channels of one place or, where a group has few channels, four neighbours in a row.
//
// Outputs of several rows follow each other as they do in the layout, whose rows may be a little longer than
// those of the output. A stride splits rows and columns into phases, each a plane of its own, so that lanes
// are neighbours again.
#pragma once

#include "engine/kernels/convolution.hpp"

namespace slipway::engine {

// Outputs that are gathered at a time, at most.
inline constexpr int64_t kMostGathered = 256;

class QuadImage {
 public:
  // For strips of at most `most_rows` rows of the output of one group; of fewer where these would not fit
  // into the cache.
  QuadImage(const ConvolutionParameters& parameters, int64_t most_rows);
  // Whether a layout is in proportion to the image. Files may state what overflows; nothing else may be asked
  // of what does not fit.
  static bool fits(const ConvolutionParameters& parameters);

  int64_t rows() const { return rows_; }
  // Of the layout of a strip, and of the working memory that making it takes.
  int64_t bytes() const;
  int64_t scratch_bytes() const;
  // For each quad where it begins in the layout, in bytes, for the first output of a strip.
  const CountedVector<int64_t>& offsets() const { return offsets_; }
  // From the first output of a row to that of the next, in outputs.
  int64_t row_stride() const { return row_stride_; }
  // For each byte of the quads its place in the weights of one output channel, [channels][height][width];
  // -1 where nothing is to be multiplied.
  const CountedVector<int64_t>& weights() const { return weights_; }

  // Lays out what the rows of output read of the planes of a group: bytes with `flip` applied, with `padding`
  // around them.
  void lay_out(const uint8_t* planes, Interval rows, uint8_t flip, uint8_t padding, uint8_t* to,
               uint8_t* scratch) const;

  // All quads of some outputs of a strip, as a panel whose quads are `stride` bytes apart: outputs are
  // numbered without what a layout's rows have more than the output's. 64 bytes behind the panel are written,
  // too.
  void gather(const uint8_t* layout, Interval outputs, int64_t stride, uint8_t* to) const;

 private:
  int64_t channel_sets() const;
  // Of a channel, or four of them: one for each phase of rows and, within it, each of columns.
  int64_t planes() const { return static_cast<int64_t>(row_phases_.size() * column_phases_.size()); }
  int64_t plane_bytes() const { return plane_rows_ * row_stride_ * 4; }
  void find_phases();
  void find_quads();
  void lay_out_row(const uint8_t* row, int64_t channels, uint8_t flip, uint8_t padding, uint8_t* to,
                   uint8_t* scratch) const;
  bool rows_touch() const;
  void lay_out_rows(const uint8_t* plane, int64_t channels, int64_t first, int64_t count, uint8_t flip,
                    uint8_t padding, uint8_t* to) const;
  void interleave_channels(const uint8_t* row, int64_t channels, uint8_t flip, uint8_t padding,
                           uint8_t* to) const;
  void fill_lines(const uint8_t* row, int64_t channels, uint8_t flip, uint8_t* lines) const;
  void lay_out_lines(const uint8_t* lines, int64_t column, uint8_t* to, uint8_t* units) const;

  ConvolutionParameters p_;
  bool neighbours_;
  int64_t tap_columns_;  // steps along a window's row: taps, or quads of neighbours
  int64_t row_stride_;
  int64_t line_;  // bytes of a row of input with its padding
  int64_t rows_ = 0, plane_rows_ = 0;
  // Where a plane's rows and columns begin in each stride; of neighbours, where in the window.
  CountedVector<int64_t> row_phases_, column_phases_;
  CountedVector<int64_t> offsets_, weights_;
};

}  // namespace slipway::engine
