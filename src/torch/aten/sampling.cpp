// Sampling at places that a grid tells.
#include <fmt/format.h>

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// grid_sampler, grid_sampler_2d, grid_sampler_3d
void convert_grid_sampler(Conversion& c) {
  constexpr const char* kModes[] = {"linear", "nearest", "cubic"};
  constexpr const char* kPaddings[] = {"zeros", "border", "reflection"};
  const int64_t mode = c.integer("interpolation_mode"), padding = c.integer("padding_mode");
  if (mode < 0 || mode > 2 || padding < 0 || padding > 2)
    c.refuse(fmt::format("interpolation_mode {} and padding_mode {} are none of 0, 1 and 2", mode, padding));
  Attributes attributes;
  if (mode != 0) attributes.emplace_back("mode", kModes[mode]);
  if (padding != 0) attributes.emplace_back("padding_mode", kPaddings[padding]);
  if (c.truth("align_corners", false)) attributes.emplace_back("align_corners", 1);
  c.result(c.emit("GridSample", {c.tensor("input"), c.tensor("grid")}, attributes));
}

void convert_affine_grid(Conversion& c) {
  const Attributes attributes =
      c.truth("align_corners", false) ? Attributes{{"align_corners", 1}} : Attributes{};
  c.result(c.emit("AffineGrid", {c.tensor("theta"), c.sizes("size")}, attributes));
}

}  // namespace slipway::torch::aten
