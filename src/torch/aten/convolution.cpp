// Convolutions over one, two and three axes, and their transposes.
#include <fmt/format.h>

#include "torch/aten/window.hpp"

namespace slipway::torch::aten {
namespace {

// Where one side gets more than the other, PyTorch pads the end more.
std::vector<int64_t> same_pads(const Conversion& c, const std::vector<int64_t>& dilations) {
  const Shape& weight = c.meta("weight").sizes;
  std::vector<int64_t> begins, ends;
  for (size_t i = 0; i < dilations.size(); ++i) {
    const Dim& kernel = weight[i + 2];
    if (!kernel.is_known()) c.refuse("padding='same' needs a weight whose sizes are known");
    if (!is_window(kernel.value(), 1, 0, dilations[i]))
      c.refuse(fmt::format("a kernel of {} with dilation {} is none", kernel.value(), dilations[i]));
    const int64_t total = dilations[i] * (kernel.value() - 1);
    begins.push_back(total / 2);
    ends.push_back(total - total / 2);
  }
  return both_sides(begins, ends);
}

std::vector<int64_t> pads_of(const Conversion& c, const std::vector<int64_t>& dilations) {
  const ir::Argument* padding = c.call().find("padding");
  if (padding && padding->as<std::string>()) {
    const std::string text = c.text("padding");
    if (text == "same") return same_pads(c, dilations);
    if (text == "valid") return {};
    c.refuse(fmt::format("padding='{}' is neither 'same' nor 'valid'", text));
  }
  const auto pads = per_axis(c, "padding", dilations.size(), {0});
  return both_sides(pads, pads);
}

void convolve(Conversion& c, bool transposed) {
  if (c.rank("weight") < 3) c.refuse("the weight has less than three axes");
  const size_t axes = static_cast<size_t>(c.rank("weight")) - 2;
  Batched image(c, "input", axes);
  const auto dilations = per_axis(c, "dilation", axes, {1});
  Attributes attributes;
  if (const int64_t groups = c.integer("groups", 1); groups != 1) attributes.emplace_back("group", groups);
  add_unless(attributes, "strides", per_axis(c, "stride", axes, {1}), 1);
  add_unless(attributes, "dilations", dilations, 1);
  add_unless(attributes, "pads", pads_of(c, dilations), 0);
  if (transposed) add_unless(attributes, "output_padding", per_axis(c, "output_padding", axes, {0}), 0);
  image.result(c.emit(transposed ? "ConvTranspose" : "Conv",
                      {image.input(), c.tensor("weight"), c.optional_tensor("bias")}, attributes));
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

// conv_tbc: one axis, which stands first, before batch and channels
void convert_time_first_convolution(Conversion& c) {
  Value* input = c.emit("Transpose", {c.tensor("self")}, {{"perm", std::vector<int64_t>{1, 2, 0}}});
  Value* weight = c.emit("Transpose", {c.tensor("weight")}, {{"perm", std::vector<int64_t>{2, 1, 0}}});
  Attributes attributes;
  const int64_t pad = c.integer("pad", 0);
  add_unless(attributes, "pads", {pad, pad}, 0);
  Value* output = c.emit("Conv", {input, weight, c.tensor("bias")}, attributes);
  c.result(c.emit("Transpose", {output}, {{"perm", std::vector<int64_t>{2, 0, 1}}}));
}

}  // namespace slipway::torch::aten
