// Products of quantised matrices whose results are real numbers.
#pragma once

#include "onnx/opset/node_conversion.hpp"

namespace slipway::contrib_rule {

// Any of them but the matrices and their scales may be nullptr.
struct QuantizedProduct {
  Value* a;
  Value* a_scale;
  Value* a_zero_point;
  Value* b;
  Value* b_scale;
  Value* b_zero_point;
  Value* bias;
};

// a · b + bias, exact up to the multiplication by the scales.
Value* real_product(NodeConversion& upgrade, const QuantizedProduct& product);

}  // namespace slipway::contrib_rule
