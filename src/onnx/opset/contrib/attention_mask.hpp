// Which keys an attention operator of ONNX Runtime leaves out.
#pragma once

#include "onnx/opset/node_conversion.hpp"

namespace slipway::contrib_rule {

// What is added to the scores: 0, or `filter` for keys that are padding; it can be broadcast to
// [batch, heads, tokens, all tokens]. `padding` is [batch, keys] or [batch, tokens, keys], 0 for those left
// out; or a list of as many keys as each sequence has, behind which may come where each begins. `query` has
// the batch in front. Throws kUnsupported when the rank is not known or another one.
Value* padding_mask(NodeConversion& upgrade, Value* padding, Value* query, Value* all_tokens, float filter);

}  // namespace slipway::contrib_rule
