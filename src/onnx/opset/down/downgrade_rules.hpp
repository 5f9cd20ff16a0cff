// The changes between the versions of ONNX's operators on the way down, as rules: what a node of a version
// must become to mean the same before it. Where that cannot be said, a rule refuses. Versions that only took
// in more types need no rule: what is left is held against the versions of all operators in the end. After
// https://github.com/onnx/onnx/blob/main/docs/Changelog.md.
#pragma once

#include <span>

#include "onnx/opset/conversion_rule.hpp"

namespace slipway {

// In order of operator, then version.
std::span<const ConversionRule> downgrade_rules();

namespace downgrade_rule {

// inputs_to_attributes.cpp
void axes_to_attribute(NodeConversion& down);
void clip_bounds_to_attributes(NodeConversion& down);
void count_to_attribute(NodeConversion& down);
void dft_axis_to_attribute(NodeConversion& down);
void dropout_ratio_to_attribute(NodeConversion& down);
void pads_to_attributes(NodeConversion& down);
void reduced_axes_to_attribute(NodeConversion& down);
void scales_to_attribute(NodeConversion& down);
void slice_bounds_to_attributes(NodeConversion& down);
void split_sizes_to_attribute(NodeConversion& down);

// dropped_attributes.cpp
void axis_from_the_front(NodeConversion& down);
void drop_allowzero(NodeConversion& down);
void drop_axis_of_scale(NodeConversion& down);
void drop_batch_dims(NodeConversion& down);
void drop_block_size(NodeConversion& down);
void drop_ceil_mode(NodeConversion& down);
void drop_ceil_mode_and_dilations(NodeConversion& down);
void drop_depth_to_space_mode(NodeConversion& down);
void drop_half_pixel(NodeConversion& down);
void drop_output_dtype_of_dequantize(NodeConversion& down);
void drop_pool_dilations(NodeConversion& down);
void drop_precision(NodeConversion& down);
void drop_reduction(NodeConversion& down);
void drop_round_mode(NodeConversion& down);
void drop_saturate(NodeConversion& down);
void drop_select_last_index(NodeConversion& down);
void drop_storage_order(NodeConversion& down);
void drop_top_k_order(NodeConversion& down);
void drop_training_mode(NodeConversion& down);
void require_add_or_mul(NodeConversion& down);
void require_no_wrap(NodeConversion& down);

// older_forms.cpp
void batch_norm_without_training(NodeConversion& down);
void constant_as_tensor(NodeConversion& down);
void constant_of_shape_to_expand(NodeConversion& down);
void dropout_without_mask(NodeConversion& down);
void gemm_with_addend(NodeConversion& down);
void grid_sample_of_two_axes(NodeConversion& down);
void optional_get_element_of_optional(NodeConversion& down);
void optional_has_element_of_optional(NodeConversion& down);
void pad_every_axis(NodeConversion& down);
void pow_of_one_type(NodeConversion& down);
void quantize_without_blocks(NodeConversion& down);
void recurrent_sequences_first(NodeConversion& down);
void scatter_elements_to_scatter(NodeConversion& down);
void shape_then_slice(NodeConversion& down);
void softmax_along_last_axis(NodeConversion& down);
void split_by_sizes(NodeConversion& down);
void without_broadcasting(NodeConversion& down);

// resampling.cpp
void resize_every_axis(NodeConversion& down);
void resize_inputs_present(NodeConversion& down);
void resize_one_convention(NodeConversion& down);
void resize_to_upsample(NodeConversion& down);
void resize_without_symmetric_half_pixel(NodeConversion& down);

// spell_out_elementwise.cpp
void bernoulli_spelled_out(NodeConversion& down);
void cast_like_to_cast(NodeConversion& down);
void celu_spelled_out(NodeConversion& down);
void gelu_spelled_out(NodeConversion& down);
void greater_or_equal_spelled_out(NodeConversion& down);
void hard_swish_spelled_out(NodeConversion& down);
void less_or_equal_spelled_out(NodeConversion& down);
void mish_spelled_out(NodeConversion& down);
void swish_spelled_out(NodeConversion& down);
void thresholded_relu_spelled_out(NodeConversion& down);

// spell_out_normalization.cpp
void group_norm_spelled_out(NodeConversion& down);
void layer_norm_spelled_out(NodeConversion& down);
void rms_norm_spelled_out(NodeConversion& down);

// spell_out_shapes.cpp
void affine_grid_spelled_out(NodeConversion& down);
void blackman_window_spelled_out(NodeConversion& down);
void center_crop_pad_spelled_out(NodeConversion& down);
void hamming_window_spelled_out(NodeConversion& down);
void hann_window_spelled_out(NodeConversion& down);
void range_of_narrow_floats_spelled_out(NodeConversion& down);
void trilu_spelled_out(NodeConversion& down);

// spell_out_attention.cpp
void attention_spelled_out(NodeConversion& down);
void attention_without_valid_tokens(NodeConversion& down);
void rotary_embedding_spelled_out(NodeConversion& down);

// spell_out_sequences.cpp
void causal_conv_spelled_out(NodeConversion& down);
void cumulative_product_spelled_out(NodeConversion& down);
void sequence_map_to_loop(NodeConversion& down);

}  // namespace downgrade_rule
}  // namespace slipway
