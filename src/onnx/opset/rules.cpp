#include "onnx/opset/rules.hpp"

namespace slipway {
namespace {

using namespace upgrade_rule;

constexpr UpgradeRule kRules[] = {
    {"Abs", 6, drop_consumed_inputs},
    {"Add", 6, drop_consumed_inputs},
    {"Add", 7, broadcast_from_axis},
    {"And", 7, broadcast_from_axis},
    {"BatchNormalization", 6, drop_consumed_inputs},
    {"BatchNormalization", 9, batch_norm_spatial},
    {"BatchNormalization", 14, batch_norm_training_mode},
    {"Cast", 6, cast_type_to_number},
    {"Ceil", 6, drop_consumed_inputs},
    {"Clip", 6, drop_consumed_inputs},
    {"Clip", 11, clip_bounds_to_inputs},
    {"Concat", 4, concat_axis_stated},
    {"Div", 6, drop_consumed_inputs},
    {"Div", 7, broadcast_from_axis},
    {"Dropout", 6, drop_consumed_inputs},
    {"Dropout", 10, dropout_mask_to_bool},
    {"Dropout", 12, dropout_ratio_to_input},
    {"Elu", 6, drop_consumed_inputs},
    {"Equal", 7, broadcast_from_axis},
    {"Exp", 6, drop_consumed_inputs},
    {"Floor", 6, drop_consumed_inputs},
    {"Gemm", 7, drop_broadcast},
    {"Greater", 7, broadcast_from_axis},
    {"HardSigmoid", 6, drop_consumed_inputs},
    {"Hardmax", 13, softmax_along_one_axis},
    {"InstanceNormalization", 6, drop_consumed_inputs},
    {"LeakyRelu", 6, drop_consumed_inputs},
    {"Less", 7, broadcast_from_axis},
    {"Log", 6, drop_consumed_inputs},
    {"LogSoftmax", 13, softmax_along_one_axis},
    {"Max", 6, drop_consumed_inputs},
    {"Mean", 6, drop_consumed_inputs},
    {"Min", 6, drop_consumed_inputs},
    {"Mul", 6, drop_consumed_inputs},
    {"Mul", 7, broadcast_from_axis},
    {"Neg", 6, drop_consumed_inputs},
    {"Or", 7, broadcast_from_axis},
    {"PRelu", 6, drop_consumed_inputs},
    {"PRelu", 7, slope_to_channels},
    {"Pad", 2, pad_paddings_renamed},
    {"Pad", 11, pads_to_inputs},
    {"Pow", 7, broadcast_from_axis},
    {"Reciprocal", 6, drop_consumed_inputs},
    {"Relu", 6, drop_consumed_inputs},
    {"Reshape", 5, shape_to_input},
    {"Resize", 11, resize_conventions_stated},
    {"Resize", 13, resize_without_tf_half_pixel},
    {"Selu", 6, selu_constants_stated},
    {"Sigmoid", 6, drop_consumed_inputs},
    {"Slice", 10, slice_bounds_to_inputs},
    {"Softmax", 13, softmax_along_one_axis},
    {"Split", 2, split_input_to_attribute},
    {"Split", 13, split_sizes_to_input},
    {"Split", 18, split_output_count_stated},
    {"Sqrt", 6, drop_consumed_inputs},
    {"Squeeze", 13, axes_to_input},
    {"Sub", 6, drop_consumed_inputs},
    {"Sub", 7, broadcast_from_axis},
    {"Sum", 6, drop_consumed_inputs},
    {"Tanh", 6, drop_consumed_inputs},
    {"Unsqueeze", 13, axes_to_input},
    {"Upsample", 7, upsample_sizes_to_scales},
    {"Upsample", 9, upsample_scales_to_input},
    {"Upsample", 10, upsample_to_resize},
    {"Xor", 7, broadcast_from_axis},
};

}  // namespace

std::span<const UpgradeRule> upgrade_rules() {
  return kRules;
}

}  // namespace slipway
