// Moves between channels and pixels, and channels among each other.
#include <fmt/format.h>

#include "torch/aten/reshape.hpp"

namespace slipway::torch::aten {
namespace {

using Perm = std::vector<int64_t>;

// All axes before the last three as one; PyTorch takes any number of them, none included.
Shape as_images(const Conversion& c) {
  const Shape& sizes = c.meta("self").sizes;
  if (sizes.size() < 3) c.refuse("its input has less than three axes");
  Dim batch = 1;
  for (size_t i = 0; i + 3 < sizes.size(); ++i) batch = batch * sizes[i];
  return {batch, sizes.end()[-3], sizes.end()[-2], sizes.end()[-1]};
}

// A factor, of which two can be multiplied.
int64_t positive(const Conversion& c, const char* argument) {
  const int64_t factor = c.integer(argument);
  if (factor < 1 || factor > (1 << 24)) c.refuse(fmt::format("{} is {}", argument, factor));
  return factor;
}

}  // namespace

void convert_pixel_shuffle(Conversion& c) {
  const int64_t factor = positive(c, "upscale_factor");
  const Shape in = as_images(c);
  const Shape out = {in[0], floor_div(in[1], factor * factor), in[2] * Dim(factor), in[3] * Dim(factor)};
  Value* input = reshape(c, c.tensor("self"), c.meta("self").sizes, in);
  Value* output = c.emit("DepthToSpace", {input}, {{"blocksize", factor}, {"mode", "CRD"}});
  c.result(reshape(c, output, out, c.result_meta().sizes));
}

// SpaceToDepth, with the channels in another order
void convert_pixel_unshuffle(Conversion& c) {
  const int64_t factor = positive(c, "downscale_factor");
  const Shape in = as_images(c);
  const Dim height = floor_div(in[2], factor), width = floor_div(in[3], factor);
  if (in[1] == Dim(1) && c.rank("self") == 4)
    return c.result(c.emit("SpaceToDepth", {c.tensor("self")}, {{"blocksize", factor}}));
  const Shape apart = {in[0], in[1], height, factor, width, factor};
  Value* blocks = reshape(c, c.tensor("self"), c.meta("self").sizes, apart);
  Value* turned = c.emit("Transpose", {blocks}, {{"perm", Perm{0, 1, 3, 5, 2, 4}}});
  const Shape out = {in[0], in[1] * Dim(factor * factor), height, width};
  c.result(reshape(c, turned, {in[0], in[1], factor, factor, height, width},
                   c.rank("self") == 4 ? out : c.result_meta().sizes));
}

// channel_shuffle, native_channel_shuffle: the channels of all groups, one of each in turn
void convert_channel_shuffle(Conversion& c) {
  const int64_t groups = positive(c, "groups");
  const Shape& sizes = c.meta("self").sizes;
  if (sizes.size() < 2) c.refuse("its input has no channels");
  const Dim each = floor_div(sizes[1], groups);
  Shape apart = {sizes[0], groups, each}, turned = {sizes[0], each, groups};
  apart.insert(apart.end(), sizes.begin() + 2, sizes.end());
  turned.insert(turned.end(), sizes.begin() + 2, sizes.end());
  Perm perm = {0, 2, 1};
  for (size_t axis = 3; axis < apart.size(); ++axis) perm.push_back(static_cast<int64_t>(axis));
  Value* split = reshape(c, c.tensor("self"), sizes, apart);
  c.result(reshape(c, c.emit("Transpose", {split}, {{"perm", perm}}), turned, sizes));
}

}  // namespace slipway::torch::aten
