// What the attention operators have in common. All elements are f64.
#pragma once

#include <algorithm>
#include <span>

#include "tensor/tensor.hpp"

namespace slipway::ops {

// [batch, heads, tokens, size], in a tensor of that shape or of [batch, tokens, heads * size].
struct AttentionHeads {
  Tensor elements;
  int64_t batch, heads, tokens, size;
  int64_t head_stride, token_stride;

  // The first of `size` elements.
  const double* at(int64_t image, int64_t head, int64_t token) const {
    return elements.data<double>().data() + image * heads * tokens * size + head * head_stride +
           token * token_stride;
  }
};

// Can an axis of this size be divided among the heads? Heads of no size are one at most: nothing else in a
// file would bound how many there are.
constexpr bool divides_into_heads(int64_t size, int64_t heads) {
  return heads >= 1 && heads <= std::max<int64_t>(size, 1) && size % heads == 0;
}

// `heads` counts for tensors of three axes. Throws kInvalidModel naming `what` for other ranks, and when the
// last axis cannot be divided.
AttentionHeads attention_heads(Tensor elements, int64_t heads, const char* what);

// Query, key and value belong together: as many images, tokens and heads; query heads come in groups that
// share a head of the key. Throws kInvalidModel.
void check_attention(const AttentionHeads& query, const AttentionHeads& key, const AttentionHeads& value);

// query · key times scale: [batch, query heads, query tokens, key tokens].
Tensor attention_scores(const AttentionHeads& query, const AttentionHeads& key, double scale);
// exp(x) over its sum, along the last axis. A row of minus infinities has no such quotient: NaN.
void softmax_rows(Tensor& scores);
// Each query token's sum of the values, weighted: laid out as [batch, heads, tokens, size], or, if `packed`,
// as [batch, tokens, heads * size].
Tensor weigh_values(const Tensor& weights, const AttentionHeads& value, bool packed);

}  // namespace slipway::ops
