#include "onnx/opset/contrib/rules.hpp"

#include <algorithm>
#include <iterator>

namespace slipway {
namespace {

using namespace contrib_rule;

constexpr std::string_view kMicrosoft = "com.microsoft";

// In order of operator.
constexpr ContribRule kRules[] = {
    {kMicrosoft, "Attention", attention},
    {kMicrosoft, "BiasAdd", bias_add},
    {kMicrosoft, "BiasGelu", bias_gelu},
    {kMicrosoft, "BiasSplitGelu", bias_split_gelu},
    {kMicrosoft, "DequantizeLinear", same_operator},
    {kMicrosoft, "DynamicQuantizeLSTM", dynamic_quantize_lstm},
    {kMicrosoft, "DynamicQuantizeMatMul", dynamic_quantize_matmul},
    {kMicrosoft, "EmbedLayerNormalization", embed_layer_normalization},
    {kMicrosoft, "ExpandDims", expand_dims},
    {kMicrosoft, "FastGelu", fast_gelu},
    {kMicrosoft, "FusedConv", fused_conv},
    {kMicrosoft, "FusedGemm", fused_gemm},
    {kMicrosoft, "FusedMatMul", fused_matmul},
    {kMicrosoft, "FusedMatMulActivation", fused_matmul},
    {kMicrosoft, "GatherND", same_operator},
    {kMicrosoft, "Gelu", gelu},
    {kMicrosoft, "GridSample", grid_sample},
    {kMicrosoft, "GroupNorm", group_norm},
    {kMicrosoft, "MatMulIntegerToFloat", matmul_integer_to_float},
    {kMicrosoft, "MultiHeadAttention", multi_head_attention},
    {kMicrosoft, "NhwcConv", channels_last_conv},
    {kMicrosoft, "NhwcFusedConv", channels_last_conv},
    {kMicrosoft, "NhwcMaxPool", channels_last_max_pool},
    {kMicrosoft, "Pad", pad},
    {kMicrosoft, "QAttention", quantized_attention},
    {kMicrosoft, "QGemm", quantized_gemm},
    {kMicrosoft, "QLinearAdd", quantized_add},
    {kMicrosoft, "QLinearAveragePool", quantized_average_pool},
    {kMicrosoft, "QLinearConcat", quantized_concat},
    {kMicrosoft, "QLinearConv", quantized_conv},
    {kMicrosoft, "QLinearGlobalAveragePool", quantized_global_average_pool},
    {kMicrosoft, "QLinearLeakyRelu", quantized_leaky_relu},
    {kMicrosoft, "QLinearMul", quantized_mul},
    {kMicrosoft, "QLinearSigmoid", quantized_sigmoid},
    {kMicrosoft, "QLinearSoftmax", quantized_softmax},
    {kMicrosoft, "QLinearWhere", quantized_where},
    {kMicrosoft, "QuantizeLinear", same_operator},
    {kMicrosoft, "QuickGelu", quick_gelu},
    {kMicrosoft, "Range", range},
    {kMicrosoft, "RotaryEmbedding", rotary_embedding},
    // Its optimizer puts this one into the standard's own domain.
    {"", "SimplifiedLayerNormalization", simplified_layer_normalization},
    {kMicrosoft, "SkipGroupNorm", group_norm},
    {kMicrosoft, "SkipLayerNormalization", skip_layer_normalization},
    {kMicrosoft, "SkipSimplifiedLayerNormalization", skip_simplified_layer_normalization},
    {kMicrosoft, "TransposeMatMul", fused_matmul},
    {kMicrosoft, "Trilu", same_operator},
    {kMicrosoft, "Unique", unique},
};

constexpr bool precedes(const ContribRule& rule, const ContribRule& other) {
  return rule.op_type < other.op_type;
}
static_assert(std::is_sorted(std::begin(kRules), std::end(kRules), precedes));

}  // namespace

const ContribRule* find_contrib_rule(std::string_view domain, std::string_view op_type) {
  const auto* found = std::lower_bound(
      std::begin(kRules), std::end(kRules), op_type,
      [](const ContribRule& rule, std::string_view wanted) { return rule.op_type < wanted; });
  const bool is_it =
      found != std::end(kRules) && found->op_type == op_type && found->domain == canonical_domain(domain);
  return is_it ? found : nullptr;
}

const ContribRule* find_contrib_rule(const Node& node) {
  return find_contrib_rule(node.domain(), node.op_type());
}

}  // namespace slipway
