// Attributes beyond ONNX's, which passes give to nodes for the engine: how an operator may be computed, never
// what it means. Schemas admit them on every operator.
#pragma once

#include <string_view>

namespace slipway::ops {

inline constexpr std::string_view kPrivateAttributePrefix = "slipway.";

// On MatMul, Gemm and Conv of f32: "bf16" lets a kernel round the operands to bf16 before it multiplies them,
// because the model says that they are bf16. Sums are f32.
inline constexpr std::string_view kMultiplyAs = "slipway.multiply_as";

}  // namespace slipway::ops
