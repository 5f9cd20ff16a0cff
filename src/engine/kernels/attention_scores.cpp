#include "engine/kernels/attention_scores.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/attention_scores.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/float_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {

HWY_INLINE FloatVector load(const float* from, int64_t left, float filler) {
  const FloatTag d;
  if (left >= static_cast<int64_t>(hn::Lanes(d))) return hn::LoadU(d, from);
  return load_part(from, left, filler);
}

// 0 where a bool is true, -infinity where not.
HWY_INLINE FloatVector load_bools(const uint8_t* from, int64_t left) {
  const FloatTag d;
  const hn::RebindToSigned<FloatTag> di;
  const hn::Rebind<uint8_t, FloatTag> d8;
  HWY_ALIGN uint8_t edge[HWY_MAX_BYTES] = {};
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  if (left < lanes) {
    std::copy(from, from + left, edge);
    from = edge;
  }
  const auto hidden = hn::Eq(hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(d8, from))), constant(0.0f));
  return hn::IfThenElseZero(hidden, constant(-HUGE_VALF));
}

// exp(x) for x ≤ 0, 1 ulp; 0 where the result would be no normal number, which some processors are slow to
// make.
HWY_INLINE FloatVector exp_below_one(FloatVector x) {
  const auto vanishes = hn::Lt(x, constant(-87.0f));
  const ExpArgument reduced = reduce<127>(x);
  return hn::IfThenZeroElse(vanishes, hn::Mul(exp_near(reduced.r), power_of_two(reduced.biased)));
}

// Calls change(score, i) for the vectors of scores that may be seen, and writes what it returns.
template <typename Change>
HWY_INLINE void change_scores(const ScoreBlock& block, Change change) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < block.count; i += lanes)
    hn::StoreU(change(hn::LoadU(d, block.scores + i), i), d, block.scores + i);
}

HWY_INLINE void add_mask(const ScoreBlock& block) {
  if (block.same_mask) {
    const FloatVector mask = constant(block.mask ? block.mask[0] : block.bools[0] ? 0.0f : -HUGE_VALF);
    return change_scores(block, [&](FloatVector x, int64_t) HWY_ATTR { return hn::Add(x, mask); });
  }
  if (block.mask)
    return change_scores(block, [&](FloatVector x, int64_t i) HWY_ATTR {
      return hn::Add(x, load(block.mask + i, block.count - i, 0.0f));
    });
  change_scores(block, [&](FloatVector x, int64_t i)
                           HWY_ATTR { return hn::Add(x, load_bools(block.bools + i, block.count - i)); });
}

// All that happens to a score before the softmax, but for a factor, which is returned.
HWY_INLINE float complete_scores(const ScoreBlock& block) {
  const bool masks = block.mask || block.bools, caps = block.cap > 0;
  const FloatVector scale = constant(block.scale), cap = constant(block.cap);
  const bool is_plain = !masks && !caps && block.scale > 0;
  if (caps)
    change_scores(block, [&](FloatVector x, int64_t)
                             HWY_ATTR { return hn::Mul(cap, tanh(hn::Div(hn::Mul(x, scale), cap))); });
  else if (!is_plain)
    change_scores(block, [&](FloatVector x, int64_t) HWY_ATTR { return hn::Mul(x, scale); });
  if (masks) add_mask(block);
  std::fill(block.scores + block.count, block.scores + block.size, -HUGE_VALF);
  return is_plain ? block.scale : 1.0f;
}

// Of an even or odd number of vectors, by two chains of comparisons.
HWY_INLINE float largest_of(const ScoreBlock& block) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  FloatVector even = constant(-HUGE_VALF), odd = even;
  int64_t i = 0;
  for (; i + 2 * lanes <= block.size; i += 2 * lanes) {
    even = hn::Max(even, hn::LoadU(d, block.scores + i));
    odd = hn::Max(odd, hn::LoadU(d, block.scores + i + lanes));
  }
  if (i < block.size) even = hn::Max(even, hn::LoadU(d, block.scores + i));
  return hn::GetLane(hn::MaxOfLanes(d, hn::Max(even, odd)));
}

// Turns products into weights, and returns their sum.
HWY_INLINE float weigh(const ScoreBlock& block, float scale, float largest) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  // While all keys are hidden, their weights are 0.
  const FloatVector shift = constant(largest == -HUGE_VALF ? 0.0f : largest), factor = constant(scale);
  FloatVector sum = hn::Zero(d);
  for (int64_t i = 0; i < block.size; i += lanes) {
    const FloatVector weight = exp_below_one(hn::MulSub(hn::LoadU(d, block.scores + i), factor, shift));
    hn::StoreU(weight, d, block.scores + i);
    sum = hn::Add(sum, weight);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

HWY_INLINE void add_to_state(float largest, float added, AttentionState& state) {
  const FloatTag d;
  if (largest == state.largest || state.largest == -HUGE_VALF) {
    state.sum += added;
    state.largest = largest;
    return;
  }
  const FloatVector fading = exp_below_one(constant(state.largest - largest));
  state.sum = state.sum * hn::GetLane(fading) + added;
  state.largest = largest;
  for (int64_t i = 0; i < state.size; i += static_cast<int64_t>(hn::Lanes(d)))
    hn::StoreU(hn::Mul(hn::LoadU(d, state.result + i), fading), d, state.result + i);
}

// Step by step for all blocks: a step of one block alone waits most of the time for its last result.
void WeighScores(const ScoreBlock* blocks, AttentionState* states, int64_t count) {
  float scales[kScoreBlocks], largest[kScoreBlocks], sums[kScoreBlocks];
  for (int64_t i = 0; i < count; ++i) scales[i] = complete_scores(blocks[i]);
  for (int64_t i = 0; i < count; ++i)
    largest[i] = std::max(states[i].largest, largest_of(blocks[i]) * scales[i]);
  for (int64_t i = 0; i < count; ++i) sums[i] = weigh(blocks[i], scales[i], largest[i]);
  for (int64_t i = 0; i < count; ++i) add_to_state(largest[i], sums[i], states[i]);
}

void MultiplyQuery(const float* query, const float* keys, int64_t stride, int64_t count, int64_t size,
                   float* products) {
  constexpr int64_t kKeys = 4;
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t first = 0; first < count; first += kKeys) {
    FloatVector sums[kKeys];
    const float* from[kKeys];
    for (int64_t j = 0; j < kKeys; ++j) {
      sums[j] = hn::Zero(d);
      from[j] = keys + std::min(first + j, count - 1) * stride;
    }
    for (int64_t i = 0; i < size; i += lanes) {
      const FloatVector q = load(query + i, size - i, 0.0f);
      for (int64_t j = 0; j < kKeys; ++j) sums[j] = hn::MulAdd(q, load(from[j] + i, size - i, 0.0f), sums[j]);
    }
    for (int64_t j = 0; j < std::min(kKeys, count - first); ++j)
      products[first + j] = hn::GetLane(hn::SumOfLanes(d, sums[j]));
  }
}

void FinishAttention(const AttentionState& state, float* out, int64_t count) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const FloatVector sum = constant(state.sum);
  for (int64_t i = 0; i < count; i += lanes) {
    const FloatVector value = hn::Div(hn::LoadU(d, state.result + i), sum);
    if (i + lanes <= count)
      hn::StoreU(value, d, out + i);
    else
      store_part(value, out + i, count - i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(WeighScores);
HWY_EXPORT(MultiplyQuery);
HWY_EXPORT(FinishAttention);

void weigh_scores(const ScoreBlock* blocks, AttentionState* states, int64_t count) {
  HWY_DYNAMIC_DISPATCH(WeighScores)(blocks, states, count);
}
void multiply_query(const float* query, const float* keys, int64_t stride, int64_t count, int64_t size,
                    float* products) {
  HWY_DYNAMIC_DISPATCH(MultiplyQuery)(query, keys, stride, count, size, products);
}
void finish_attention(const AttentionState& state, float* out, int64_t count) {
  HWY_DYNAMIC_DISPATCH(FinishAttention)(state, out, count);
}

}  // namespace slipway::engine
#endif
