// Attention: softmax(query · key) · value over heads (Vaswani et al., 2017), with groups of query heads that
// share a key, a cache of past keys and values, masks, and a cap on the scores.
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "ops/attention_heads.hpp"
#include "ops/element_mover.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

constexpr double kMasked = -std::numeric_limits<double>::infinity();
enum Input : uint8_t { kQuery, kKey, kValue, kMask, kPastKey, kPastValue, kValidTokens };
enum Output : uint8_t { kResult, kPresentKey, kPresentValue, kScores };

void check_inputs(const Node& node) {
  if ((node.input(kPastKey) != nullptr) != (node.input(kPastValue) != nullptr))
    fail(ErrorCode::kInvalidModel, "past_key and past_value must be given together");
  if (node.input(kPastKey) && node.input(kValidTokens))
    fail(ErrorCode::kInvalidModel, "nonpad_kv_seqlen and a past cannot be given together");
  const int64_t mode = node.int_attribute("qk_matmul_output_mode", 0);
  if (mode < 0 || mode > 3)
    fail(ErrorCode::kInvalidModel, "attribute qk_matmul_output_mode is {}, but 0 to 3 was expected", mode);
}

// past, then present: [batch, heads, tokens, size].
Tensor cache_of(const KernelContext& context, size_t input, size_t past_input, const AttentionHeads& heads) {
  const Tensor& present = context.input(input);
  const Tensor* past = context.has_input(past_input) ? &context.input(past_input) : nullptr;
  const int64_t past_tokens = past && past->rank() == 4 ? past->dim(2) : 0;
  if (past) require_dims(*past, "the past", {heads.batch, heads.heads, past_tokens, heads.size});
  Tensor cache(present.type(), {heads.batch, heads.heads, past_tokens + heads.tokens, heads.size});
  const ElementMover from_present(present, cache);
  for (int64_t row = 0, to = 0; row < heads.batch * heads.heads; ++row) {
    if (past) ElementMover(*past, cache).move(row * past_tokens * heads.size, to, past_tokens * heads.size);
    to += past_tokens * heads.size;
    const double* start = heads.elements.data<double>().data();
    for (int64_t token = 0; token < heads.tokens; ++token, to += heads.size)
      from_present.move(heads.at(row / heads.heads, row % heads.heads, token) - start, to, heads.size);
  }
  return cache;
}

AttentionHeads exact_cache(const Tensor& cache) {
  return attention_heads(cast_elements(cache, DataType::kDouble), 0, "the cache");
}

// The mask's share of each score: [batch, heads, tokens, all tokens of the key]. Keys that a shorter mask
// does not reach are masked out.
void add_mask(Tensor& scores, const Tensor& mask) {
  Dims reached = scores.dims();
  if (mask.rank() > 0 && mask.dims().back() > 1)
    reached.back() = std::min(reached.back(), mask.dims().back());
  const bool is_bool = mask.type() == DataType::kBool;
  const Tensor exact = cast_elements(mask, DataType::kDouble);
  const auto entries = exact.data<double>();
  const int64_t all = scores.dims().back();
  double* row = scores.data<double>().data();
  StridedWalk<1> at(reached, {broadcast_strides(mask.dims(), reached)});
  for (int64_t rows = all == 0 ? 0 : scores.count() / all; rows > 0; --rows, row += all) {
    for (int64_t key = 0; key < reached.back(); ++key, at.next()) {
      const double entry = entries[static_cast<size_t>(at[0])];
      row[key] += is_bool ? (entry != 0 ? 0 : kMasked) : entry;
    }
    std::fill(row + reached.back(), row + all, kMasked);
  }
}

// Calls visit(score, image, query token, key token) for all scores.
template <typename Visit>
void visit_scores(Tensor& scores, Visit visit) {
  double* score = scores.data<double>().data();
  for (int64_t image = 0; image < scores.dim(0); ++image)
    for (int64_t head = 0; head < scores.dim(1); ++head)
      for (int64_t query = 0; query < scores.dim(2); ++query)
        for (int64_t key = 0; key < scores.dim(3); ++key) visit(*score++, image, query, key);
}

void mask_scores(const KernelContext& context, Tensor& scores) {
  if (context.has_input(kMask)) add_mask(scores, context.input(kMask));
  if (context.node().int_attribute("is_causal", 0) != 0) {
    const int64_t past = context.has_input(kPastKey) ? context.input(kPastKey).dim(2) : 0;
    visit_scores(scores, [&](double& score, int64_t, int64_t query, int64_t key) {
      if (key > past + query) score = kMasked;
    });
  }
  if (!context.has_input(kValidTokens)) return;
  const Tensor& valid = context.input(kValidTokens);
  require_dims(valid, "nonpad_kv_seqlen", {scores.dim(0)});
  visit_scores(scores, [&](double& score, int64_t image, int64_t, int64_t key) {
    if (key >= valid.data<int64_t>()[static_cast<size_t>(image)]) score = kMasked;
  });
}

void cap_scores(Tensor& scores, double cap) {
  if (cap <= 0) return;
  for (double& score : scores.data<double>()) score = cap * std::tanh(score / cap);
}

void compute(KernelContext& context) {
  const Node& node = context.node();
  check_inputs(node);
  const int64_t kv_heads = node.int_attribute("kv_num_heads", 0);
  const AttentionHeads query =
      attention_heads(exact_input(context, kQuery), node.int_attribute("q_num_heads", 0), "the query");
  const AttentionHeads new_key = attention_heads(exact_input(context, kKey), kv_heads, "the key");
  const AttentionHeads new_value = attention_heads(exact_input(context, kValue), kv_heads, "the value");
  check_attention(query, new_key, new_value);
  const Tensor key_cache = cache_of(context, kKey, kPastKey, new_key);
  const Tensor value_cache = cache_of(context, kValue, kPastValue, new_value);
  if (key_cache.dim(2) != value_cache.dim(2))
    fail(ErrorCode::kInvalidModel, "past_key is {}, but past_value is {}", context.input(kPastKey).describe(),
         context.input(kPastValue).describe());

  const auto scale = node.find_attribute("scale") ? static_cast<double>(node.float_attribute("scale", 1))
                                                  : 1 / std::sqrt(static_cast<double>(query.size));
  Tensor scores = attention_scores(query, exact_cache(key_cache), scale);
  const DataType type = context.input(kQuery).type();
  const int64_t wanted = node.int_attribute("qk_matmul_output_mode", 0);
  const auto after_step = [&](int64_t step) {
    if (step == wanted) round_to_output(context, kScores, type, scores);
  };
  after_step(0);
  cap_scores(scores, static_cast<double>(node.float_attribute("softcap", 0)));
  after_step(1);
  mask_scores(context, scores);
  after_step(2);
  softmax_rows(scores);
  after_step(3);
  round_to_output(context, kResult, type,
                  weigh_values(scores, exact_cache(value_cache), context.input(kQuery).rank() == 3));
  if (context.wants_output(kPresentKey)) context.set_output(kPresentKey, key_cache);
  if (context.wants_output(kPresentValue)) context.set_output(kPresentValue, value_cache);
}

// ---- inference ----

// [batch, heads, tokens, size]; nothing when not known.
std::optional<Shape> heads_shape(const InferenceContext& context, size_t index, const char* attribute) {
  const auto& shape = context.input_shape(index);
  if (!shape || shape->size() == 4) return shape;
  const int64_t heads = context.node().int_attribute(attribute, 0);
  if (shape->size() != 3 || heads < 1)
    fail(ErrorCode::kInvalidModel, "an input is {}, but 4 axes are expected, or 3 and attribute {}",
         to_string(*shape), attribute);
  return Shape{(*shape)[0], heads, (*shape)[1], floor_div((*shape)[2], heads)};
}

std::optional<Shape> cache_shape(const InferenceContext& context, const std::optional<Shape>& present,
                                 size_t past_input) {
  if (!present || !context.has_input(past_input)) return present;
  const auto& past = context.input_shape(past_input);
  if (past && past->size() != 4)
    fail(ErrorCode::kInvalidModel, "the past is {}, but 4 axes are expected", to_string(*past));
  Shape all = *present;
  all[2] = past ? (*past)[2] + all[2] : Dim();
  return all;
}

void infer(InferenceContext& context) {
  check_inputs(context.node());
  const DataType type = context.input_element_type(kQuery);
  const auto query = heads_shape(context, kQuery, "q_num_heads");
  const auto key = cache_shape(context, heads_shape(context, kKey, "kv_num_heads"), kPastKey);
  const auto value = cache_shape(context, heads_shape(context, kValue, "kv_num_heads"), kPastValue);
  std::optional<Shape> result, scores;
  if (query && value) {
    const Dim size = (*value)[3];
    const bool packed = context.input_shape(kQuery)->size() == 3;
    result = packed ? Shape{(*query)[0], (*query)[2], (*query)[1] * size}
                    : Shape{(*query)[0], (*query)[1], (*query)[2], size};
  }
  if (query && key) scores = Shape{(*query)[0], (*query)[1], (*query)[2], (*key)[2]};
  const std::optional<Shape> shapes[] = {result, key, value, scores};
  const DataType types[] = {type, context.input_element_type(kKey), context.input_element_type(kValue), type};
  for (size_t i = 0; i < context.output_count() && i < 4; ++i)
    if (context.node().output(i)) context.set_output_type(i, Type::tensor(types[i], shapes[i]));
}

double flops(const ShapeContext& context) {
  // Two products of tokens with tokens, and what the softmax takes.
  const Dims &query = context.inputs[kQuery], &key = context.inputs[kKey];
  const auto elements = static_cast<double>(element_count(query) + element_count(context.outputs[0]));
  return 2 * elements * static_cast<double>(key[key.size() == 4 ? 2 : 1]);
}

}  // namespace

void register_attention(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add(
      {.name = "Attention",
       .since_version = 24,
       .inputs = {{"Q", "T1"},
                  {"K", "T1"},
                  {"V", "T2"},
                  {"attn_mask", "U", Arity::kOptional},
                  {"past_key", "T1", Arity::kOptional},
                  {"past_value", "T2", Arity::kOptional},
                  {"nonpad_kv_seqlen", "tensor(int64)", Arity::kOptional}},
       .outputs = {{"Y", "T1"},
                   {"present_key", "T1", Arity::kOptional},
                   {"present_value", "T2", Arity::kOptional},
                   {"qk_matmul_output", "T1", Arity::kOptional}},
       .attributes = {{"is_causal", Kind::kInt},
                      {"kv_num_heads", Kind::kInt},
                      {"q_num_heads", Kind::kInt},
                      {"qk_matmul_output_mode", Kind::kInt},
                      {"scale", Kind::kFloat},
                      {"softcap", Kind::kFloat},
                      {"softmax_precision", Kind::kInt}},
       .type_constraints = {{"T1", kFloats}, {"T2", kFloats}, {"U", kNumbers | TypeSet{DataType::kBool}}},
       .infer = infer,
       .compute = compute,
       .flops = flops});
}

}  // namespace slipway::ops
