#include <cmath>

#include "base/error.hpp"
#include "ops/grid_sample.hpp"

namespace slipway::ops {
namespace {

int64_t to_int(double value) {
  return static_cast<int64_t>(value);
}
double near_weight(double x) {
  return (1.25 * x - 2.25) * x * x + 1;
}
double far_weight(double x) {
  return -0.75 * (((x - 5) * x + 8) * x - 4);
}

}  // namespace

GridSettings grid_settings(const Node& node) {
  const std::string mode = node.string_attribute("mode", "linear");
  const std::string padding = node.string_attribute("padding_mode", "zeros");
  GridSettings settings{GridMode::kLinear, GridPadding::kZeros, node.int_attribute("align_corners", 0) != 0};
  if (mode == "nearest")
    settings.mode = GridMode::kNearest;
  else if (mode == "cubic")
    settings.mode = GridMode::kCubic;
  else if (mode != "linear")
    fail(ErrorCode::kInvalidModel, "attribute mode is '{}', but nearest, linear or cubic was expected", mode);
  if (padding == "border")
    settings.padding = GridPadding::kBorder;
  else if (padding == "reflection")
    settings.padding = GridPadding::kReflection;
  else if (padding != "zeros")
    fail(ErrorCode::kInvalidModel,
         "attribute padding_mode is '{}', but zeros, border or reflection was expected", padding);
  return settings;
}

GridAxis::GridAxis(int64_t size, const GridSettings& settings)
    : size_(size),
      settings_(settings),
      begin_(settings.align_corners ? 0 : -0.5),
      end_(static_cast<double>(size) - (settings.align_corners ? 1 : 0.5)) {}

int64_t GridAxis::taps(double coordinate, Tap* taps) const {
  double position = begin_ + (coordinate + 1) / 2 * (end_ - begin_);
  if (settings_.mode == GridMode::kNearest) position = std::nearbyint(position);
  // Cubic weights are those of the place itself, also beyond the border: only what is read is brought inside.
  if (settings_.mode != GridMode::kCubic) position = brought_inside(position);
  if (!std::isfinite(position)) return 0;
  if (settings_.mode == GridMode::kNearest) {
    taps[0] = {place(position), 1};
    return 1;
  }
  const double low = std::floor(position), share = position - low;
  if (settings_.mode == GridMode::kLinear) {
    taps[0] = {place(low), 1 - share};
    taps[1] = {place(low + 1), share};
    return 2;
  }
  taps[0] = {place(low - 1), far_weight(1 + share)};
  taps[1] = {place(low), near_weight(share)};
  taps[2] = {place(low + 1), near_weight(1 - share)};
  taps[3] = {place(low + 2), far_weight(2 - share)};
  return 4;
}

double GridAxis::brought_inside(double position) const {
  if (position >= begin_ && position <= end_) return position;
  if (settings_.padding == GridPadding::kBorder) return std::fmax(0, std::fmin(last(), position));
  if (settings_.padding == GridPadding::kReflection) return reflected(position);
  return position;
}

// Thrown back at the borders as often as it takes.
double GridAxis::reflected(double position) const {
  const double span = end_ - begin_;
  if (!(span > 0) || !std::isfinite(position)) return 0;
  const double way = std::fmod(std::abs(position - begin_), 2 * span);
  return begin_ + (way > span ? 2 * span - way : way);
}

int64_t GridAxis::place(double index) const {
  const double inside = brought_inside(index);
  if (settings_.padding == GridPadding::kZeros) return inside >= 0 && inside <= last() ? to_int(inside) : -1;
  return to_int(std::fmax(0, std::fmin(last(), inside)));
}

}  // namespace slipway::ops
