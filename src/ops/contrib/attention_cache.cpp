#include "ops/contrib/attention_cache.hpp"

#include <algorithm>

#include "ops/element_mover.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/rotation.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

// Columns [first, first + count) of the last axis.
Tensor columns(const Tensor& tensor, int64_t first, int64_t count) {
  Dims dims = tensor.dims();
  const int64_t width = dims.back();
  dims.back() = count;
  Tensor part(DataType::kDouble, dims);
  const double* from = tensor.data<double>().data() + first;
  double* to = part.data<double>().data();
  for (int64_t row = 0; count > 0 && row < part.count() / count; ++row, from += width)
    to = std::copy_n(from, count, to);
  return part;
}

void check_past(const Tensor& past, const NewTokens& tokens) {
  const int64_t places = past.rank() == 4 ? past.dim(2) : 0;
  require_dims(past, "the past", {tokens.batch, tokens.kv_heads, places, tokens.size});
}

}  // namespace

HeadCounts head_counts(const Node& node) {
  constexpr int64_t kMostHeads = int64_t{1} << 31;  // sums of them fit
  const HeadCounts heads{node.int_attribute("num_heads", 0), node.int_attribute("kv_num_heads", 0)};
  if (heads.queries < 1 || heads.shared < 1 || heads.queries % heads.shared != 0)
    fail(ErrorCode::kInvalidModel, "attribute num_heads is {}, which is no multiple of kv_num_heads, {}",
         heads.queries, heads.shared);
  if (heads.queries > kMostHeads)
    fail(ErrorCode::kInvalidModel, "attribute num_heads is {}, but at most {} are expected", heads.queries,
         kMostHeads);
  return heads;
}

NewTokens new_tokens(const KernelContext& context) {
  const HeadCounts heads = head_counts(context.node());
  NewTokens tokens{};
  tokens.heads = heads.queries, tokens.kv_heads = heads.shared;
  tokens.query = exact_input(context, 0);
  if (tokens.query.rank() != 3)
    fail(ErrorCode::kInvalidModel, "the query has shape {}, but 3 axes are expected",
         to_string(tokens.query.dims()));
  tokens.batch = tokens.query.dim(0), tokens.tokens = tokens.query.dim(1);
  const bool packed = !context.has_input(1);
  if (packed != !context.has_input(2)) fail(ErrorCode::kInvalidModel, "key and value must be given together");
  const int64_t width = tokens.query.dim(2);
  // Heads of no size are heads all the same: no more of them than one.
  if (tokens.heads > std::max<int64_t>(width, 1))
    fail(ErrorCode::kInvalidModel, "the query has shape {}, which cannot be divided into {} heads",
         to_string(tokens.query.dims()), tokens.heads);
  const int64_t all_heads = tokens.heads + (packed ? 2 * tokens.kv_heads : 0);
  if (width % all_heads != 0)
    fail(ErrorCode::kInvalidModel, "the query has shape {}, which cannot be divided into {} heads",
         to_string(tokens.query.dims()), all_heads);
  tokens.size = width / all_heads;
  const int64_t kv_width = tokens.kv_heads * tokens.size, q_width = tokens.heads * tokens.size;
  if (packed) {
    const Tensor all = tokens.query;
    tokens.query = columns(all, 0, q_width);
    tokens.key = columns(all, q_width, kv_width);
    tokens.value = columns(all, q_width + kv_width, kv_width);
  } else {
    tokens.key = exact_input(context, 1), tokens.value = exact_input(context, 2);
    require_dims(tokens.key, "the key", {tokens.batch, tokens.tokens, kv_width});
    require_dims(tokens.value, "the value", {tokens.batch, tokens.tokens, kv_width});
  }
  return tokens;
}

CacheStep cache_step(const NewTokens& tokens, const Tensor& last_places, int64_t longest,
                     const Tensor* past_cache) {
  if (past_cache) check_past(*past_cache, tokens);
  const int64_t places = past_cache ? past_cache->dim(2) : 0;
  CacheStep step{{}, {}, longest, std::max(longest, places)};
  if (longest < tokens.tokens)
    fail(ErrorCode::kInvalidArgument, "total_sequence_length is {}, but there are {} new tokens", longest,
         tokens.tokens);
  // Sequences of a first prompt may be shorter than its tensor.
  const bool is_first = longest == tokens.tokens;
  const auto lasts = read_integers(
      last_places.rank() == 2 ? last_places.reshaped({last_places.count()}) : last_places, "seqlens_k");
  if (static_cast<int64_t>(lasts.size()) != tokens.batch)
    fail(ErrorCode::kInvalidArgument, "seqlens_k has {} entries, but there are {} sequences", lasts.size(),
         tokens.batch);
  for (const int64_t last : lasts) {
    const int64_t all = last + 1, past = is_first ? 0 : all - tokens.tokens;
    if (all < 1 || all > longest || past < 0 || past > places)
      fail(ErrorCode::kInvalidArgument,
           "seqlens_k has the entry {}: {} new tokens, a past of {} and at most {} tokens do not agree with "
           "it",
           last, tokens.tokens, places, longest);
    step.past.push_back(past), step.all.push_back(all);
  }
  return step;
}

Tensor extended_cache(const Tensor* past, const Tensor& added, const NewTokens& tokens, const CacheStep& step,
                      DataType type) {
  if (past) check_past(*past, tokens);
  const int64_t size = tokens.size, width = tokens.kv_heads * size;
  const Dims dims{tokens.batch, tokens.kv_heads, step.capacity, size};
  Tensor cache(type, dims);
  clear_elements(cache);
  const Tensor rounded = cast_elements(added, type);
  const ElementMover from_new(rounded, cache);
  for (int64_t image = 0; image < tokens.batch; ++image) {
    const int64_t before = step.past[static_cast<size_t>(image)];
    for (int64_t head = 0; head < tokens.kv_heads; ++head) {
      const int64_t row = image * tokens.kv_heads + head;
      int64_t to = row * step.capacity * size;
      if (past) ElementMover(*past, cache).move(row * past->dim(2) * size, to, before * size);
      to += before * size;
      for (int64_t token = 0; token < tokens.tokens; ++token, to += size)
        from_new.move((image * tokens.tokens + token) * width + head * size, to, size);
    }
  }
  return cache;
}

void rotate_new_tokens(NewTokens& tokens, const CacheStep& step, const Tensor* positions,
                       const Tensor& cosines, const Tensor& sines, bool interleaved) {
  const int64_t half = cosines.rank() == 2 ? cosines.dim(1) : 0;
  if (half < 1 || 2 * half > tokens.size || sines.dims() != cosines.dims())
    fail(ErrorCode::kInvalidModel,
         "cos_cache is {} and sin_cache {}, but both are expected to be [positions, at most {}]",
         to_string(cosines.dims()), to_string(sines.dims()), tokens.size / 2);
  if (positions) require_dims(*positions, "position_ids", {tokens.batch, tokens.tokens});
  for (int64_t image = 0; image < tokens.batch; ++image)
    for (int64_t token = 0; token < tokens.tokens; ++token) {
      const int64_t index = image * tokens.tokens + token;
      const int64_t position = positions ? positions->data<int64_t>()[static_cast<size_t>(index)]
                                         : step.past[static_cast<size_t>(image)] + token;
      if (position < 0 || position >= cosines.dim(0))
        fail(ErrorCode::kInvalidArgument, "position {} is outside the caches of {} positions", position,
             cosines.dim(0));
      const Rotation rotation{cosines.data<double>().data() + position * half,
                              sines.data<double>().data() + position * half, half, interleaved};
      for (int64_t head = 0; head < tokens.heads; ++head)
        rotation.turn(tokens.query.data<double>().data() + (index * tokens.heads + head) * tokens.size);
      for (int64_t head = 0; head < tokens.kv_heads; ++head)
        rotation.turn(tokens.key.data<double>().data() + (index * tokens.kv_heads + head) * tokens.size);
    }
}

}  // namespace slipway::ops
