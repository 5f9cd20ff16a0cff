// The softmax of attention, one block of keys after the other (Milakov and Gimelshein, "Online normalizer
// calculation for softmax", 2018): what was added up before is scaled down when a larger score appears.
#pragma once

#include <cstdint>

namespace slipway::engine {

// Scores of one query for a block of keys.
struct ScoreBlock {
  float* scores;  // in: products; out: the keys' weights, 0 beyond `count`
  int64_t size;   // of the block, a multiple of the vector
  int64_t count;  // of the keys that may be seen
  float scale;
  float cap;  // the scores stay below it, 0: they do not
  // What is added to the scores: floats, or bools that hide keys where they are false. One of them or none.
  const float* mask = nullptr;
  const uint8_t* bools = nullptr;
  bool same_mask = false;  // the first of them counts for all keys
};

// One query's state over the blocks.
struct AttentionState {
  float largest;  // -infinity at first
  float sum;
  // What the weights have collected so far; `size` floats, a multiple of the vector. It is neither read nor
  // written while `largest` is -infinity.
  float* result;
  int64_t size;
};

// So many blocks, of different queries, are weighed at a time at most.
inline constexpr int64_t kScoreBlocks = 12;

// Turns scores into weights and scales the states, one for each block.
void weigh_scores(const ScoreBlock* blocks, AttentionState* states, int64_t count);

// products[i] = query · keys[i], the keys `stride` floats apart: for few queries, for which packing the keys
// would take longer.
void multiply_query(const float* query, const float* keys, int64_t stride, int64_t count, int64_t size,
                    float* products);

// out = result / sum, without padding.
void finish_attention(const AttentionState& state, float* out, int64_t count);

}  // namespace slipway::engine
