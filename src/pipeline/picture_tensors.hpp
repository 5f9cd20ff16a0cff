// From a picture to the tensor that a network takes, and from the tensor that it gives to the rows of a
// picture, as a description says (docs/pipeline.md, "From picture to tensor" and "From tensor to picture").
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "image/picture.hpp"
#include "pipeline/description.hpp"
#include "pipeline/planes.hpp"
#include "tensor/tensor.hpp"

namespace slipway::pipeline {

// The tensor, and what does not go through the network. Planes hold samples of 0 to 2^depth − 1.
struct PictureAsTensor {
  Tensor tensor;
  Plane alpha;
  Plane blue_difference;  // Cb and Cr, around 0; for luma alone
  Plane red_difference;
};

// `element` is f32 or f16. Grey pictures count as three equal colours.
PictureAsTensor to_tensor(const Picture& picture, const PictureTensor& description, DataType element);

// Makes the rows of the resulting picture one after the other. Keeps its arguments by reference.
class PictureRows {
 public:
  // Throws kInvalidModel when the tensor is not what a picture of `source`'s size times the scale needs: it
  // comes from the model.
  PictureRows(const Tensor& tensor, const Description& description, const PictureLayout& source,
              const PictureAsTensor& aside);

  const PictureLayout& layout() const { return layout_; }
  // The next row, as PictureWriter takes it; valid until the next call.
  std::span<const std::byte> next();

 private:
  void read_colors(int64_t y);
  void add_color_differences(int64_t y);
  void write_samples(const std::vector<float>& values, size_t channel, size_t channels, Rounding rounding);
  void write_alpha();

  const Description& description_;
  Tensor values_;  // f32
  PictureLayout layout_;
  std::vector<PlaneEnlarger> alpha_, differences_;
  std::vector<std::vector<float>> colors_;  // red, green, blue of a row, 0 to 2^depth − 1
  std::vector<std::byte> row_;
  float aside_scale_ = 1.0f;  // from samples of the source's depth to those of the result's
  int64_t y_ = 0;
};

}  // namespace slipway::pipeline
