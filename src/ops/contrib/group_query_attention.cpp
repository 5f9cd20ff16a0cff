// GroupQueryAttention: attention of new tokens to themselves and to a cache of earlier ones, where several
// query heads share one head of keys and values (Ainslie et al., 2023); with rotation, windows, caps and
// sinks.
#include <cmath>
#include <limits>

#include "base/work_scope.hpp"
#include "ops/attention_heads.hpp"
#include "ops/contrib/attention_cache.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

enum Input : uint8_t {
  kQuery,
  kKey,
  kValue,
  kPastKey,
  kPastValue,
  kLastPlaces,
  kAllTokens,
  kCosines,
  kSines,
  kPositions,
  kBias,
  kSink,
  kKeyScale,
  kValueScale,
  kQueryNorm,
  kKeyNorm,
  kQueryLengths
};
enum Output : uint8_t { kResult, kPresentKey, kPresentValue, kScores };
enum ScoresWanted : uint8_t { kNone, kBeforeSoftmax, kAfterSoftmax };

void refuse_what_is_missing(const Node& node) {
  const auto refuse = [](const char* what) {
    fail(ErrorCode::kUnsupported,
         "it has {}, which this build does not know; run it with --backend onnxruntime", what);
  };
  for (const char* attribute : {"k_quant_type", "v_quant_type"})
    if (node.string_attribute(attribute, "NONE") != "NONE") refuse("a quantised cache");
  if (node.int_attribute("sliding_window_cache", 0) != 0) refuse("a cache that forgets");
  if (node.input(kQueryNorm) || node.input(kKeyNorm)) refuse("normalised queries and keys");
  if (node.input(kQueryLengths)) refuse("queries of different lengths");
}

struct Settings {
  Settings(const Node& node, bool wants_scores)
      : causal(node.int_attribute("causal", 1) != 0),
        window(node.int_attribute("local_window_size", -1)),
        softcap(static_cast<double>(node.float_attribute("softcap", 0))),
        smooth(node.int_attribute("smooth_softmax", -1) == 1),
        wanted(wants_scores ? node.int_attribute("qk_output", 0) : int64_t{kNone}) {}

  bool causal;
  int64_t window;  // keys that a query sees behind it, itself included; below 1: all
  double softcap;
  bool smooth;  // a key of score 0 and value 0 is there, too
  int64_t wanted;
};

// The scores of one query, of the keys [begin, end).
struct Row {
  int64_t begin, end;
  CountedVector<double> scores;
};

// Adds the entries of [1 or batch, 1 or heads, tokens, all tokens] that belong to the row.
void add_bias(const Tensor& bias, int64_t image, int64_t head, int64_t token, Row& row) {
  const int64_t keys = bias.dim(3);
  if (row.end > keys || token >= bias.dim(2))
    fail(ErrorCode::kInvalidArgument, "attention_bias has shape {}, but {} keys are there",
         to_string(bias.dims()), row.end);
  const int64_t plane = (bias.dim(0) == 1 ? 0 : image) * bias.dim(1) + (bias.dim(1) == 1 ? 0 : head);
  const double* entries = bias.data<double>().data() + (plane * bias.dim(2) + token) * keys;
  for (int64_t key = row.begin; key < row.end; ++key)
    row.scores[static_cast<size_t>(key - row.begin)] += entries[key];
}

// `sink`: the score of a key without a value.
void softmax(CountedVector<double>& scores, std::optional<double> sink) {
  double max = sink.value_or(-std::numeric_limits<double>::infinity());
  for (const double score : scores) max = std::max(max, score);
  double sum = sink ? std::exp(*sink - max) : 0;
  for (double& score : scores) sum += score = std::exp(score - max);
  for (double& score : scores) score /= sum;
}

class GroupQueryAttention {
 public:
  GroupQueryAttention(KernelContext& context, const NewTokens& tokens, const CacheStep& step)
      : settings_(context.node(), context.wants_output(kScores)),
        tokens_(tokens),
        step_(step),
        bias_(exact_optional_input(context, kBias)),
        sink_(exact_optional_input(context, kSink)),
        scale_(static_cast<double>(context.node().float_attribute("scale", 0))) {
    if (scale_ == 0) scale_ = 1 / std::sqrt(static_cast<double>(tokens.size));
    if (sink_) require_dims(*sink_, "head_sink", {tokens.heads});
    if (bias_ && (bias_->rank() != 4 || (bias_->dim(0) != 1 && bias_->dim(0) != tokens.batch) ||
                  (bias_->dim(1) != 1 && bias_->dim(1) != tokens.heads)))
      fail(ErrorCode::kInvalidModel, "attention_bias has shape {}, but [1 or {},1 or {},{},keys] is expected",
           to_string(bias_->dims()), tokens.batch, tokens.heads, tokens.tokens);
  }

  // [batch, tokens, heads * size]; `scores` is [batch, heads, tokens, all tokens], of zeros.
  Tensor attend(const Tensor& keys, const Tensor& values, Tensor& scores) const {
    Tensor result = exact_zeros({tokens_.batch, tokens_.tokens, tokens_.heads * tokens_.size});
    for (int64_t image = 0; image < tokens_.batch; ++image)
      for (int64_t head = 0; head < tokens_.heads; ++head) {
        const int64_t shared = image * tokens_.kv_heads + head / (tokens_.heads / tokens_.kv_heads);
        const int64_t first = shared * step_.capacity * tokens_.size;
        for (int64_t token = 0; token < tokens_.tokens; ++token) {
          Row row = score(image, head, token, keys.data<double>().data() + first);
          if (settings_.wanted == kBeforeSoftmax) keep(row, image, head, token, scores);
          softmax(row.scores, sink_of(head));
          if (settings_.wanted == kAfterSoftmax) keep(row, image, head, token, scores);
          double* to = result.data<double>().data() +
                       ((image * tokens_.tokens + token) * tokens_.heads + head) * tokens_.size;
          const double* value = values.data<double>().data() + first + row.begin * tokens_.size;
          for (const double weight : row.scores)
            for (int64_t i = 0; i < tokens_.size; ++i) to[i] += weight * *value++;
        }
      }
    return result;
  }

 private:
  Row score(int64_t image, int64_t head, int64_t token, const double* keys) const {
    const int64_t past = step_.past[static_cast<size_t>(image)];
    Row row{0,
            settings_.causal ? past + token + 1 : std::max(step_.all[static_cast<size_t>(image)], past + 1),
            {}};
    row.end = std::min(row.end, step_.capacity);
    if (settings_.window > 0) row.begin = std::max<int64_t>(row.end - settings_.window, 0);
    const double* query = tokens_.query.data<double>().data() +
                          ((image * tokens_.tokens + token) * tokens_.heads + head) * tokens_.size;
    WorkScope::spend(2 * static_cast<double>(row.end - row.begin) * static_cast<double>(tokens_.size));
    for (int64_t key = row.begin; key < row.end; ++key) {
      double sum = 0;
      for (int64_t i = 0; i < tokens_.size; ++i) sum += query[i] * keys[key * tokens_.size + i];
      sum *= scale_;
      row.scores.push_back(settings_.softcap > 0 ? settings_.softcap * std::tanh(sum / settings_.softcap)
                                                 : sum);
    }
    if (bias_) add_bias(*bias_, image, head, token, row);
    return row;
  }

  std::optional<double> sink_of(int64_t head) const {
    if (sink_) return sink_->data<double>()[static_cast<size_t>(head)];
    return settings_.smooth ? std::optional(0.0) : std::nullopt;
  }

  void keep(const Row& row, int64_t image, int64_t head, int64_t token, Tensor& scores) const {
    double* to = scores.data<double>().data() +
                 ((image * tokens_.heads + head) * tokens_.tokens + token) * scores.dim(3);
    for (int64_t key = row.begin; key < std::min(row.end, scores.dim(3)); ++key)
      to[key] = row.scores[static_cast<size_t>(key - row.begin)];
  }

  Settings settings_;
  const NewTokens& tokens_;
  const CacheStep& step_;
  std::optional<Tensor> bias_, sink_;
  double scale_;
};

CacheStep step_of(const KernelContext& context, const NewTokens& tokens) {
  const Tensor& all = context.input(kAllTokens);
  if (all.count() != 1)
    fail(ErrorCode::kInvalidModel, "total_sequence_length is {}, but one number is expected", all.describe());
  const Tensor* past = context.has_input(kPastKey) ? &context.input(kPastKey) : nullptr;
  return cache_step(tokens, context.input(kLastPlaces), all.data<int32_t>()[0], past);
}

void rotate(const KernelContext& context, const CacheStep& step, NewTokens& tokens) {
  if (context.node().int_attribute("do_rotary", 0) == 0) return;
  if (!context.has_input(kCosines) || !context.has_input(kSines))
    fail(ErrorCode::kInvalidModel,
         "attribute 'do_rotary' is set, but cos_cache and sin_cache are not both given");
  const Tensor* positions = context.has_input(kPositions) ? &context.input(kPositions) : nullptr;
  rotate_new_tokens(tokens, step, positions, exact_input(context, kCosines), exact_input(context, kSines),
                    context.node().int_attribute("rotary_interleaved", 0) != 0);
}

void compute(KernelContext& context) {
  refuse_what_is_missing(context.node());
  NewTokens tokens = new_tokens(context);
  const CacheStep step = step_of(context, tokens);
  rotate(context, step, tokens);
  const auto present = [&](size_t past, const Tensor& added) {
    const Tensor* before = context.has_input(past) ? &context.input(past) : nullptr;
    return extended_cache(before, added, tokens, step, context.input(kQuery).type());
  };
  const Tensor keys = present(kPastKey, tokens.key), values = present(kPastValue, tokens.value);
  const int64_t wanted_keys = context.wants_output(kScores) ? step.longest : 0;
  Tensor scores = exact_zeros({tokens.batch, tokens.heads, tokens.tokens, wanted_keys});
  const Tensor result =
      GroupQueryAttention(context, tokens, step)
          .attend(cast_elements(keys, DataType::kDouble), cast_elements(values, DataType::kDouble), scores);
  round_to_output(context, kResult, context.input(kQuery).type(), result);
  round_to_output(context, kScores, context.input(kQuery).type(), scores);
  if (context.wants_output(kPresentKey)) context.set_output(kPresentKey, keys);
  if (context.wants_output(kPresentValue)) context.set_output(kPresentValue, values);
}

void infer(InferenceContext& context) {
  const Node& node = context.node();
  refuse_what_is_missing(node);
  const DataType type = context.input_element_type(kQuery);
  const auto& query = context.input_shape(kQuery);
  const auto [heads, kv_heads] = head_counts(node);
  std::optional<Shape> result, present, scores;
  if (query && query->size() == 3) {
    const int64_t all_heads = heads + (context.has_input(kKey) ? 0 : 2 * kv_heads);
    const Dim size = floor_div((*query)[2], all_heads);
    result = Shape{(*query)[0], (*query)[1], size * heads};
    present = Shape{(*query)[0], kv_heads, Dim(), size};
    scores = Shape{(*query)[0], heads, (*query)[1], Dim()};
  }
  const std::optional<Shape> shapes[] = {result, present, present, scores};
  for (size_t i = 0; i < context.output_count() && i < 4; ++i)
    if (node.output(i)) context.set_output_type(i, Type::tensor(type, shapes[i]));
}

}  // namespace

void register_group_query_attention(Registry& registry) {
  using Kind = Attribute::Kind;
  constexpr auto kOptional = Arity::kOptional;
  registry.add({.name = "GroupQueryAttention",
                .domain = "com.microsoft",
                .inputs = {{"query", "T"},
                           {"key", "T", kOptional},
                           {"value", "T", kOptional},
                           {"past_key", "T", kOptional},
                           {"past_value", "T", kOptional},
                           {"seqlens_k", "M"},
                           {"total_sequence_length", "M"},
                           {"cos_cache", "T", kOptional},
                           {"sin_cache", "T", kOptional},
                           {"position_ids", "tensor(int64)", kOptional},
                           {"attention_bias", "T", kOptional},
                           {"head_sink", "T", kOptional},
                           {"k_scale", "", kOptional},
                           {"v_scale", "", kOptional},
                           {"q_norm_weight", "T", kOptional},
                           {"k_norm_weight", "T", kOptional},
                           {"query_seqlens", "M", kOptional}},
                .outputs = {{"output", "T"},
                            {"present_key", "T", kOptional},
                            {"present_value", "T", kOptional},
                            {"output_qk", "T", kOptional}},
                .attributes = {{"causal", Kind::kInt},
                               {"do_rotary", Kind::kInt},
                               {"k_norm_epsilon", Kind::kFloat},
                               {"k_quant_type", Kind::kString},
                               {"kv_cache_bit_width", Kind::kInt},
                               {"kv_num_heads", Kind::kInt, true},
                               {"local_window_size", Kind::kInt},
                               {"num_heads", Kind::kInt, true},
                               {"q_norm_epsilon", Kind::kFloat},
                               {"qk_norm_epsilon", Kind::kFloat},
                               {"qk_output", Kind::kInt},
                               {"rotary_interleaved", Kind::kInt},
                               {"scale", Kind::kFloat},
                               {"sliding_window_cache", Kind::kInt},
                               {"smooth_softmax", Kind::kInt},
                               {"softcap", Kind::kFloat},
                               {"v_quant_type", Kind::kString}},
                .type_constraints = {{"T", {DataType::kFloat, DataType::kFloat16, DataType::kBfloat16}},
                                     {"M", {DataType::kInt32}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
