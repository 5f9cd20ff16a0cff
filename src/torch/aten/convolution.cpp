// Convolutions over one, two and three axes, and their transposes.
#include <fmt/format.h>

#include <algorithm>

#include "torch/aten/reshape.hpp"

namespace slipway::torch::aten {
namespace {

// A list of one number stands for all axes.
std::vector<int64_t> per_axis(const Conversion& c, std::string_view argument, size_t axes,
                              int64_t otherwise) {
  auto values = c.integers(argument, std::vector<int64_t>(axes, otherwise));
  if (values.size() == 1) values.resize(axes, values[0]);
  if (values.size() != axes)
    c.refuse(fmt::format("'{}' has {} numbers for {} axes", argument, values.size(), axes));
  return values;
}

std::vector<int64_t> both_sides(std::vector<int64_t> pads) {
  const std::vector<int64_t> ends = pads;
  pads.insert(pads.end(), ends.begin(), ends.end());
  return pads;
}

// What an attribute says beyond its default.
void add_unless(Attributes& attributes, const char* name, std::vector<int64_t> values, int64_t otherwise) {
  const auto is_default = [&](int64_t value) { return value == otherwise; };
  if (!std::all_of(values.begin(), values.end(), is_default))
    attributes.emplace_back(name, std::move(values));
}

void convolve(Conversion& c, bool transposed) {
  const ir::TensorMeta& weight = c.meta("weight");
  const size_t axes = weight.sizes.size() - 2;
  // PyTorch takes an image without batch; ONNX does not.
  const bool batched = c.meta("input").sizes.size() == axes + 2;
  Value* input = c.tensor("input");
  if (!batched) input = c.emit("Unsqueeze", {input, c.ints({0})});
  Attributes attributes;
  if (const int64_t groups = c.integer("groups", 1); groups != 1) attributes.emplace_back("group", groups);
  add_unless(attributes, "strides", per_axis(c, "stride", axes, 1), 1);
  add_unless(attributes, "dilations", per_axis(c, "dilation", axes, 1), 1);
  if (const ir::Argument* padding = c.call().find("padding"); padding && padding->as<std::string>()) {
    if (c.text("padding") == "same") attributes.emplace_back("auto_pad", "SAME_UPPER");
  } else {
    add_unless(attributes, "pads", both_sides(per_axis(c, "padding", axes, 0)), 0);
  }
  if (transposed) add_unless(attributes, "output_padding", per_axis(c, "output_padding", axes, 0), 0);
  Value* output = c.emit(transposed ? "ConvTranspose" : "Conv",
                         {input, c.tensor("weight"), c.optional_tensor("bias")}, attributes);
  c.result(batched ? output : c.emit("Squeeze", {output, c.ints({0})}));
}

}  // namespace

// conv1d, conv2d, conv3d
void convert_convolution(Conversion& c) {
  convolve(c, false);
}

// conv_transpose1d, conv_transpose2d.input, conv_transpose3d.input
void convert_transposed_convolution(Conversion& c) {
  convolve(c, true);
}

// convolution: either, told by an argument
void convert_general_convolution(Conversion& c) {
  convolve(c, c.truth("transposed", false));
}

}  // namespace slipway::torch::aten
