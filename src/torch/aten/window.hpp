// What convolutions and pools have in common: numbers for each spatial axis, pads on both sides, and images
// that PyTorch takes without a batch, which ONNX does not.
#pragma once

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// A list of one number stands for all axes; `otherwise` for what is absent or empty.
std::vector<int64_t> per_axis(const Conversion& c, std::string_view argument, size_t axes,
                              std::vector<int64_t> otherwise);

// Is it a window as operators have them: positive numbers (a pad may be 0), of which two can be multiplied?
bool is_window(int64_t kernel, int64_t stride, int64_t pad, int64_t dilation);

// The begins, then the ends, as ONNX has pads.
std::vector<int64_t> both_sides(const std::vector<int64_t>& begins, const std::vector<int64_t>& ends);

// What an attribute says beyond its default, which is `otherwise` everywhere.
void add_unless(Attributes& attributes, const char* name, std::vector<int64_t> values, int64_t otherwise);

// The tensor, with a batch of one image in front when it has only `axes` + 1 axes; and the result without it.
class Batched {
 public:
  Batched(Conversion& c, std::string_view argument, size_t axes);

  Value* input() const { return input_; }
  // Sizes of the input, and of the result at `index`, with the batch.
  const Shape& sizes() const { return sizes_; }
  Shape result_sizes(size_t index = 0) const;
  void result(Value* value) { result(0, value); }
  void result(size_t index, Value* value);

 private:
  Conversion& c_;
  bool added_;
  Shape sizes_;
  Value* input_;
};

// How many axes an operator's windows have, by its name: 2 of "max_pool2d_with_indices".
size_t window_axes(const Conversion& c);

}  // namespace slipway::torch::aten
