// Operators that ONNX Runtime adds to the standard's and that its optimizer and quantizer write into files
// (domain com.microsoft), as rules: each becomes the standard operators that mean the same, for which there
// are kernels and passes. Those that the standard has no words for are operators of their own, in src/ops/.
// After https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md.
#pragma once

#include <string_view>

#include "graph/node.hpp"

namespace slipway {

class NodeConversion;

struct ContribRule {
  std::string_view domain;
  std::string_view op_type;
  void (*apply)(NodeConversion& upgrade);
};

// nullptr for operators that no rule rewrites.
const ContribRule* find_contrib_rule(std::string_view domain, std::string_view op_type);
const ContribRule* find_contrib_rule(const Node& node);

namespace contrib_rule {

// attention.cpp
void attention(NodeConversion& upgrade);
void multi_head_attention(NodeConversion& upgrade);
void quantized_attention(NodeConversion& upgrade);

// elementwise.cpp
void bias_add(NodeConversion& upgrade);
void bias_gelu(NodeConversion& upgrade);
void bias_split_gelu(NodeConversion& upgrade);
void fast_gelu(NodeConversion& upgrade);
void gelu(NodeConversion& upgrade);
void quick_gelu(NodeConversion& upgrade);

// layouts.cpp
void channels_last_conv(NodeConversion& upgrade);
void channels_last_max_pool(NodeConversion& upgrade);
void quantized_conv(NodeConversion& upgrade);

// normalization.cpp
void embed_layer_normalization(NodeConversion& upgrade);
void group_norm(NodeConversion& upgrade);
void simplified_layer_normalization(NodeConversion& upgrade);
void skip_layer_normalization(NodeConversion& upgrade);
void skip_simplified_layer_normalization(NodeConversion& upgrade);

// products.cpp
void fused_conv(NodeConversion& upgrade);
void fused_gemm(NodeConversion& upgrade);
void fused_matmul(NodeConversion& upgrade);

// quantized_elements.cpp
void quantized_add(NodeConversion& upgrade);
void quantized_average_pool(NodeConversion& upgrade);
void quantized_concat(NodeConversion& upgrade);
void quantized_global_average_pool(NodeConversion& upgrade);
void quantized_leaky_relu(NodeConversion& upgrade);
void quantized_mul(NodeConversion& upgrade);
void quantized_sigmoid(NodeConversion& upgrade);
void quantized_softmax(NodeConversion& upgrade);
void quantized_where(NodeConversion& upgrade);

// quantized_products.cpp
void dynamic_quantize_lstm(NodeConversion& upgrade);
void dynamic_quantize_matmul(NodeConversion& upgrade);
void matmul_integer_to_float(NodeConversion& upgrade);
void quantized_gemm(NodeConversion& upgrade);

// standard_twins.cpp
void expand_dims(NodeConversion& upgrade);
void grid_sample(NodeConversion& upgrade);
void pad(NodeConversion& upgrade);
void range(NodeConversion& upgrade);
void rotary_embedding(NodeConversion& upgrade);
void same_operator(NodeConversion& upgrade);
void unique(NodeConversion& upgrade);

}  // namespace contrib_rule
}  // namespace slipway
