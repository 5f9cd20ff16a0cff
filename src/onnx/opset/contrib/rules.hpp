// Operators that ONNX Runtime adds to the standard's and that its optimizer and quantizer write into files
// (domain com.microsoft), as rules: each becomes the standard operators that mean the same, for which there
// are kernels and passes. Those that the standard has no words for are operators of their own, in src/ops/.
// After https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md.
#pragma once

#include <string_view>

#include "graph/node.hpp"

namespace slipway {

class Upgrade;

struct ContribRule {
  std::string_view domain;
  std::string_view op_type;
  void (*apply)(Upgrade& upgrade);
};

// nullptr for operators that no rule rewrites.
const ContribRule* find_contrib_rule(const Node& node);

namespace contrib_rule {

// attention.cpp
void attention(Upgrade& upgrade);
void multi_head_attention(Upgrade& upgrade);
void quantized_attention(Upgrade& upgrade);

// elementwise.cpp
void bias_add(Upgrade& upgrade);
void bias_gelu(Upgrade& upgrade);
void bias_split_gelu(Upgrade& upgrade);
void fast_gelu(Upgrade& upgrade);
void gelu(Upgrade& upgrade);
void quick_gelu(Upgrade& upgrade);

// layouts.cpp
void channels_last_conv(Upgrade& upgrade);
void channels_last_max_pool(Upgrade& upgrade);
void quantized_conv(Upgrade& upgrade);

// normalization.cpp
void embed_layer_normalization(Upgrade& upgrade);
void group_norm(Upgrade& upgrade);
void simplified_layer_normalization(Upgrade& upgrade);
void skip_layer_normalization(Upgrade& upgrade);
void skip_simplified_layer_normalization(Upgrade& upgrade);

// products.cpp
void fused_conv(Upgrade& upgrade);
void fused_gemm(Upgrade& upgrade);
void fused_matmul(Upgrade& upgrade);

// quantized_elements.cpp
void quantized_add(Upgrade& upgrade);
void quantized_average_pool(Upgrade& upgrade);
void quantized_concat(Upgrade& upgrade);
void quantized_global_average_pool(Upgrade& upgrade);
void quantized_leaky_relu(Upgrade& upgrade);
void quantized_mul(Upgrade& upgrade);
void quantized_sigmoid(Upgrade& upgrade);
void quantized_softmax(Upgrade& upgrade);
void quantized_where(Upgrade& upgrade);

// quantized_products.cpp
void dynamic_quantize_lstm(Upgrade& upgrade);
void dynamic_quantize_matmul(Upgrade& upgrade);
void matmul_integer_to_float(Upgrade& upgrade);
void quantized_gemm(Upgrade& upgrade);

// standard_twins.cpp
void expand_dims(Upgrade& upgrade);
void grid_sample(Upgrade& upgrade);
void pad(Upgrade& upgrade);
void range(Upgrade& upgrade);
void rotary_embedding(Upgrade& upgrade);
void same_operator(Upgrade& upgrade);
void unique(Upgrade& upgrade);

}  // namespace contrib_rule
}  // namespace slipway
