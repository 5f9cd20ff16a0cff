// The changes between the versions of ONNX's operators, as rules: what a node that was written before a
// version must become to mean the same from that version on. Versions that only took in more element types
// need no rule. After https://github.com/onnx/onnx/blob/main/docs/Changelog.md.
#pragma once

#include <span>
#include <string_view>

namespace slipway {

class Upgrade;

struct UpgradeRule {
  std::string_view op_type;
  int version;  // applies to nodes written for an older opset
  void (*apply)(Upgrade& upgrade);
};

// In order of operator, then version.
std::span<const UpgradeRule> upgrade_rules();

namespace upgrade_rule {

// attributes_to_inputs.cpp
void axes_to_input(Upgrade& upgrade);
void clip_bounds_to_inputs(Upgrade& upgrade);
void count_to_input(Upgrade& upgrade);
void dft_axis_to_input(Upgrade& upgrade);
void dropout_ratio_to_input(Upgrade& upgrade);
void pads_to_inputs(Upgrade& upgrade);
void shape_to_input(Upgrade& upgrade);
void slice_bounds_to_inputs(Upgrade& upgrade);
void split_sizes_to_input(Upgrade& upgrade);

// changed_attributes.cpp
void cast_type_to_number(Upgrade& upgrade);
void concat_axis_stated(Upgrade& upgrade);
void coordinates_not_shifted(Upgrade& upgrade);
void drop_consumed_inputs(Upgrade& upgrade);
void drop_output_sequence(Upgrade& upgrade);
void interpolation_modes_renamed(Upgrade& upgrade);
void norm_order_to_int(Upgrade& upgrade);
void pad_paddings_renamed(Upgrade& upgrade);
void scatter_renamed(Upgrade& upgrade);
void selu_constants_stated(Upgrade& upgrade);
void split_input_to_attribute(Upgrade& upgrade);
void split_output_count_stated(Upgrade& upgrade);

// broadcasting.cpp
void broadcast_from_axis(Upgrade& upgrade);
void drop_broadcast(Upgrade& upgrade);
void slope_to_channels(Upgrade& upgrade);

// control_flow.cpp
void scan_batches(Upgrade& upgrade);

// normalization.cpp
void batch_norm_spatial(Upgrade& upgrade);
void batch_norm_training_mode(Upgrade& upgrade);
void dropout_mask_to_bool(Upgrade& upgrade);
void group_norm_scale_per_channel(Upgrade& upgrade);
void softmax_along_one_axis(Upgrade& upgrade);

// resampling.cpp
void resize_conventions_stated(Upgrade& upgrade);
void resize_without_tf_half_pixel(Upgrade& upgrade);
void upsample_scales_to_input(Upgrade& upgrade);
void upsample_sizes_to_scales(Upgrade& upgrade);
void upsample_to_resize(Upgrade& upgrade);

}  // namespace upgrade_rule
}  // namespace slipway
