// The tokens that GroupQueryAttention gets, and the cache of earlier ones that they are added to.
#pragma once

#include "ops/kernel_context.hpp"

namespace slipway::ops {

// In how many heads queries, and keys and values, are divided.
struct HeadCounts {
  int64_t queries, shared;
};

// From the attributes. Throws kInvalidModel when the shared heads do not divide those of the queries.
HeadCounts head_counts(const Node& node);

// All of f64: [batch, tokens, heads * size], keys and values with kv_heads.
struct NewTokens {
  Tensor query, key, value;
  int64_t batch, tokens, heads, kv_heads, size;
};

// From the inputs query, key and value, or query alone, which then has all of them one after the other.
// Throws kInvalidModel when they and the numbers of heads do not belong together.
NewTokens new_tokens(const KernelContext& context);

// Where the new tokens of each sequence come.
struct CacheStep {
  std::vector<int64_t> past;  // tokens in front of the new ones
  std::vector<int64_t> all;   // with the new ones
  int64_t longest;            // of all sequences
  int64_t capacity;           // places of the cache afterwards
};

// `last_places`: of each sequence the place of its last token. `past_cache` is [batch, kv_heads, places,
// size], or nullptr. Throws kInvalidArgument when the tokens do not fit.
CacheStep cache_step(const NewTokens& tokens, const Tensor& last_places, int64_t longest,
                     const Tensor* past_cache);

// The past and behind it the new tokens, then zeros: [batch, kv_heads, capacity, size] of the given type.
Tensor extended_cache(const Tensor* past, const Tensor& added, const NewTokens& tokens, const CacheStep& step,
                      DataType type);

// Turns queries and keys by the angles of their positions, which are those in the sequence where none are
// given. The angles' cosines and sines are [positions, half of what is turned of each head].
void rotate_new_tokens(NewTokens& tokens, const CacheStep& step, const Tensor* positions,
                       const Tensor& cosines, const Tensor& sines, bool interleaved);

}  // namespace slipway::ops
