// The changes between the versions of ONNX's operators on the way up, as rules: what a node that was written
// before a version must become to mean the same from that version on. Versions that only took in more element
// types need no rule. After https://github.com/onnx/onnx/blob/main/docs/Changelog.md.
#pragma once

#include <span>

#include "onnx/opset/conversion_rule.hpp"

namespace slipway {

// In order of operator, then version.
std::span<const ConversionRule> upgrade_rules();

namespace upgrade_rule {

// attributes_to_inputs.cpp
void axes_to_input(NodeConversion& upgrade);
void clip_bounds_to_inputs(NodeConversion& upgrade);
void count_to_input(NodeConversion& upgrade);
void dft_axis_to_input(NodeConversion& upgrade);
void dropout_ratio_to_input(NodeConversion& upgrade);
void pads_to_inputs(NodeConversion& upgrade);
void shape_to_input(NodeConversion& upgrade);
void slice_bounds_to_inputs(NodeConversion& upgrade);
void split_sizes_to_input(NodeConversion& upgrade);

// changed_attributes.cpp
void cast_type_to_number(NodeConversion& upgrade);
void concat_axis_stated(NodeConversion& upgrade);
void coordinates_not_shifted(NodeConversion& upgrade);
void drop_consumed_inputs(NodeConversion& upgrade);
void drop_output_sequence(NodeConversion& upgrade);
void interpolation_modes_renamed(NodeConversion& upgrade);
void norm_order_to_int(NodeConversion& upgrade);
void pad_paddings_renamed(NodeConversion& upgrade);
void scatter_renamed(NodeConversion& upgrade);
void selu_constants_stated(NodeConversion& upgrade);
void split_input_to_attribute(NodeConversion& upgrade);
void split_output_count_stated(NodeConversion& upgrade);

// broadcasting.cpp
void broadcast_from_axis(NodeConversion& upgrade);
void drop_broadcast(NodeConversion& upgrade);
void slope_to_channels(NodeConversion& upgrade);

// control_flow.cpp
void scan_batches(NodeConversion& upgrade);

// normalization.cpp
void batch_norm_spatial(NodeConversion& upgrade);
void batch_norm_training_mode(NodeConversion& upgrade);
void dropout_mask_to_bool(NodeConversion& upgrade);
void group_norm_scale_per_channel(NodeConversion& upgrade);
void softmax_along_one_axis(NodeConversion& upgrade);

// resampling.cpp
void resize_conventions_stated(NodeConversion& upgrade);
void resize_without_tf_half_pixel(NodeConversion& upgrade);
void upsample_scales_to_input(NodeConversion& upgrade);
void upsample_sizes_to_scales(NodeConversion& upgrade);
void upsample_to_resize(NodeConversion& upgrade);

}  // namespace upgrade_rule
}  // namespace slipway
