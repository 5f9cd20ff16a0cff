// Where RoiAlign reads: the samples of a region along one axis. The reference kernel and the fast one share
// it, so they cannot differ in a coordinate.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "graph/node.hpp"

namespace slipway::ops {

struct RoiAlignSettings {
  int64_t height, width;
  int64_t sampling_ratio;
  double scale;
  bool half_pixel;
  bool average;  // else the maximum
};

// Throws kInvalidModel for values that the standard does not have.
RoiAlignSettings roi_align_settings(const Node& node);

// The image that a region lies in. Throws kInvalidArgument where there is none.
int64_t roi_image(double index, int64_t images);
// Corners that are numbers, within what can be counted through; else kInvalidArgument.
void check_roi(std::span<const double> corners, double scale);

// Two neighbours and their weights.
struct RoiSample {
  int64_t low;
  int64_t high;
  double low_weight;
  double high_weight;
};

// One of the `bins` bins of a region along one axis of `size` elements.
class RoiBin {
 public:
  RoiBin(double first, double last, const RoiAlignSettings& settings, int64_t bin, int64_t bins, int64_t size)
      : size_(size) {
    const double offset = settings.half_pixel ? 0.5 : 0;
    const double region = first * settings.scale - offset;
    double length = last * settings.scale - offset - region;
    if (!settings.half_pixel) length = std::max(length, 1.0);
    bin_size_ = length / static_cast<double>(bins);
    begin_ = region + static_cast<double>(bin) * bin_size_;
    count_ =
        settings.sampling_ratio > 0 ? static_cast<double>(settings.sampling_ratio) : std::ceil(bin_size_);
  }

  // Of samples, also of those that read nothing.
  double count() const { return count_; }

  // What is inside, for sums: samples in a row that lie between the same neighbours are one, of all their
  // weights.
  template <typename Visit>
  void visit_sums(Visit visit) const {
    RoiSample sum{-1, -1, 0, 0};
    visit_inside([&](const RoiSample& sample) {
      if (sample.low != sum.low) {
        if (sum.low >= 0) visit(sum);
        sum = {sample.low, sample.high, 0, 0};
      }
      sum.low_weight += sample.low_weight;
      sum.high_weight += sample.high_weight;
    });
    if (sum.low >= 0) visit(sum);
  }

  // What is inside, for maxima: of samples in a row that lie between the same neighbours the first and the
  // last, as the weights of those between are between theirs. Returns how many are inside.
  template <typename Visit>
  int64_t visit_extremes(Visit visit) const {
    int64_t inside = 0;
    RoiSample last{-1, -1, 0, 0};
    bool is_visited = true;
    visit_inside([&](const RoiSample& sample) {
      const bool is_first = sample.low != last.low;
      if (is_first && !is_visited) visit(last);
      if (is_first) visit(sample);
      is_visited = is_first;
      last = sample;
      ++inside;
    });
    if (!is_visited) visit(last);
    return inside;
  }

 private:
  // Calls visit(RoiSample) for those that are inside. Those further than an element outside count, but read
  // nothing: there may be any number of them.
  template <typename Visit>
  void visit_inside(Visit visit) const {
    if (!(count_ > 0) || size_ == 0) return;
    const double step = bin_size_ / count_;
    const auto position = [&](double i) { return begin_ + (i + 0.5) * step; };
    // Where the first one that is inside may be, with one to spare for rounding.
    const double end = static_cast<double>(size_);
    const double first = step > 0 ? std::floor((-1 - begin_) / step - 0.5) - 1 : 0;
    for (double i = std::max(first, 0.0); i < count_; ++i) {
      if (step > 0 && position(i) > end) break;
      if (position(i) >= -1 && position(i) <= end) visit(sample_at(position(i)));
    }
  }

  RoiSample sample_at(double position) const {
    const double place = std::max(position, 0.0);
    const auto low = static_cast<int64_t>(place);
    if (low >= size_ - 1) return {size_ - 1, size_ - 1, 1, 0};
    const double share = place - static_cast<double>(low);
    return {low, low + 1, 1 - share, share};
  }

  int64_t size_;
  double begin_, bin_size_, count_;
};

}  // namespace slipway::ops
