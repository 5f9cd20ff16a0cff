// Attention for f32, block of keys by block of keys, so that the scores of all tokens with all tokens never
// lie in memory (Dao et al., "FlashAttention", 2022). The queries that share a head of the key are rows of
// one product.
#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/attention_scores.hpp"
#include "engine/kernels/row_product.hpp"
#include "ops/attention_heads.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::engine {
namespace {

enum Input : uint8_t { kQuery, kKey, kValue, kMask, kPastKey, kPastValue, kValidTokens };
enum Output : uint8_t { kResult, kPresentKey, kPresentValue, kScores };

// Queries of one piece of work, and keys of a block: their scores lie in the L2 cache.
constexpr int64_t kQueries = 132, kKeys = 256;
// Of every instruction set.
constexpr int64_t kMostLanes = 16;
// Keys are not packed for fewer queries.
constexpr int64_t kFewQueries = 4;
// Queries that are multiplied in one go: pieces are made of whole ones.
constexpr int64_t kQueriesAtOnce = 6;

// How the heads of an input or of the result lie, [batch, heads, tokens, size] or [batch, tokens, heads ·
// size].
struct Heads {
  int64_t heads, tokens, size;
  int64_t image_stride, head_stride, token_stride;

  int64_t at(int64_t image, int64_t head, int64_t token) const {
    return image * image_stride + head * head_stride + token * token_stride;
  }
};

// Nothing where the shape is none; the reference kernel says so.
std::optional<Heads> heads_of(const Dims& dims, int64_t heads) {
  if (dims.size() == 4)
    return Heads{dims[1], dims[2], dims[3], dims[1] * dims[2] * dims[3], dims[2] * dims[3], dims[3]};
  if (dims.size() != 3 || !ops::divides_into_heads(dims[2], heads)) return std::nullopt;
  const int64_t size = dims[2] / heads;
  return Heads{heads, dims[1], size, dims[1] * dims[2], size, dims[2]};
}

struct Shape {
  int64_t batch;
  Heads query, key, value, past_key, past_value, result;
  // Of the mask, 0 where it is stretched; keys from mask_keys on are hidden.
  Dims mask_strides;
  int64_t mask_keys;
  bool is_causal;
  float scale, cap;

  int64_t all_keys() const { return past_key.tokens + key.tokens; }
  int64_t group() const { return query.heads / key.heads; }
};

class Attention : public Kernel {
 public:
  explicit Attention(Shape shape) : s_(std::move(shape)), widths_(PanelWidths::of(s_.value.size)) {
    queries_ = s_.group() * s_.query.tokens;
    const int64_t even = ceil_div(queries_, ceil_div(queries_, kQueries));
    per_piece_ = std::min(kQueries, ceil_div(even, kQueriesAtOnce) * kQueriesAtOnce);
    padded_ = widths_.vectors_before(widths_.count()) * row_product_lanes();
    reads_values_ = s_.value.size == padded_ && (queries_ < kFewQueries || s_.value.token_stride == padded_);
    keys_ = std::min(kKeys, round_up(s_.all_keys(), kMostLanes));
  }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>(workers * worker_floats()) * sizeof(float);
  }

  void run(const KernelRun& run) const override {
    write_present(run, kKey, kPastKey, kPresentKey, s_.key, s_.past_key);
    write_present(run, kValue, kPastValue, kPresentValue, s_.value, s_.past_value);
    const int64_t parts = ceil_div(queries_, per_piece_);
    const auto pieces = static_cast<size_t>(s_.batch * s_.key.heads * parts);
    run.pool.parallel_for(pieces, [&](size_t piece, int worker) {
      run.cancellation.check();
      const int64_t part = static_cast<int64_t>(piece) % parts, pair = static_cast<int64_t>(piece) / parts;
      const int64_t first = part * per_piece_, count = std::min(per_piece_, queries_ - first);
      float* scratch = reinterpret_cast<float*>(run.scratch) + worker * worker_floats();
      Part{*this, run, pair / s_.key.heads, pair % s_.key.heads, first, count, scratch}.run_all();
    });
  }

 private:
  int64_t packed_keys_floats() const { return queries_ < kFewQueries ? 0 : keys_ * s_.query.size; }
  int64_t packed_values_floats() const { return reads_values_ ? 0 : keys_ * padded_; }
  int64_t worker_floats() const {
    return packed_keys_floats() + packed_values_floats() + per_piece_ * (keys_ + padded_);
  }

  static bool has(const KernelRun& run, size_t input) {
    return input < run.inputs.size() && run.inputs[input];
  }

  // The past and then the new tokens.
  void write_present(const KernelRun& run, size_t input, size_t past_input, size_t output, const Heads& heads,
                     const Heads& past) const {
    if (output >= run.outputs.size() || !run.outputs[output]) return;
    const int64_t size = heads.size, all = (past.tokens + heads.tokens) * size;
    run.pool.parallel_for(static_cast<size_t>(s_.batch * heads.heads), [&](size_t piece, int) {
      const int64_t image = static_cast<int64_t>(piece) / heads.heads,
                    head = static_cast<int64_t>(piece) % heads.heads;
      float* to = run.output_floats(output) + static_cast<int64_t>(piece) * all;
      if (past.tokens > 0)
        to = std::copy_n(run.input_floats(past_input) + past.at(image, head, 0), past.tokens * size, to);
      for (int64_t token = 0; token < heads.tokens; ++token)
        to = std::copy_n(run.input_floats(input) + heads.at(image, head, token), size, to);
    });
  }

  // Keys and their values, one after the other in memory.
  struct Keys {
    const float *keys, *values;
    int64_t key_stride, value_stride;
    int64_t first, count;
  };

  // Some queries that share a head of the key. Query i is number (first + i) of [group, tokens].
  struct Part {
    const Attention& a;
    const KernelRun& run;
    int64_t image, head, first, count;
    float* scratch;

    const Shape& shape() const { return a.s_; }
    int64_t query_head(int64_t i) const {
      return head * shape().group() + (first + i) / shape().query.tokens;
    }
    int64_t query_token(int64_t i) const { return (first + i) % shape().query.tokens; }
    float* packed_keys() const { return scratch; }
    float* packed_values() const { return packed_keys() + a.packed_keys_floats(); }
    float* scores(int64_t i) const { return packed_values() + a.packed_values_floats() + i * a.keys_; }
    float* result(int64_t i) const { return scores(a.per_piece_) + i * a.padded_; }

    void run_all() const {
      const float* queries[kQueries];
      AttentionState states[kQueries];
      int64_t seen[kQueries], most = 0;
      for (int64_t i = 0; i < count; ++i) {
        queries[i] = run.input_floats(kQuery) + shape().query.at(image, query_head(i), query_token(i));
        states[i] = {-HUGE_VALF, 0, result(i), a.padded_};
        seen[i] = keys_seen(query_token(i));
        most = std::max(most, seen[i]);
      }
      if (most == 0) std::fill_n(result(0), count * a.padded_, 0.0f);
      for (const Keys& keys : {past(), present()})
        for (int64_t begin = 0; begin < keys.count && keys.first + begin < most; begin += kKeys)
          add_block(part_of(keys, begin, std::min({kKeys, keys.count - begin, most - keys.first - begin})),
                    queries, seen, states);
      for (int64_t i = 0; i < count; ++i)
        finish_attention(states[i],
                         run.output_floats(kResult) + shape().result.at(image, query_head(i), query_token(i)),
                         shape().value.size);
    }

    // How many keys a query may see, but for the mask's entries.
    int64_t keys_seen(int64_t token) const {
      int64_t seen = std::min(shape().all_keys(), shape().mask_keys);
      if (shape().is_causal) seen = std::min(seen, shape().past_key.tokens + token + 1);
      if (has(run, kValidTokens))
        seen = std::min(seen, run.input(kValidTokens).data<int64_t>()[static_cast<size_t>(image)]);
      return std::max<int64_t>(seen, 0);
    }

    Keys past() const {
      const Heads &key = shape().past_key, &value = shape().past_value;
      if (key.tokens == 0) return {};
      return {run.input_floats(kPastKey) + key.at(image, head, 0),
              run.input_floats(kPastValue) + value.at(image, head, 0),
              key.token_stride,
              value.token_stride,
              0,
              key.tokens};
    }
    Keys present() const {
      const Heads &key = shape().key, &value = shape().value;
      return {run.input_floats(kKey) + key.at(image, head, 0),
              run.input_floats(kValue) + value.at(image, head, 0),
              key.token_stride,
              value.token_stride,
              shape().past_key.tokens,
              key.tokens};
    }
    static Keys part_of(const Keys& keys, int64_t begin, int64_t count) {
      return {keys.keys + begin * keys.key_stride,
              keys.values + begin * keys.value_stride,
              keys.key_stride,
              keys.value_stride,
              keys.first + begin,
              count};
    }

    void add_block(const Keys& keys, const float* const* queries, const int64_t* seen,
                   AttentionState* states) const {
      multiply_keys(keys, queries);
      const int64_t lanes = row_product_lanes(), size = ceil_div(keys.count, lanes) * lanes;
      for (int64_t begin = 0; begin < count; begin += kScoreBlocks) {
        ScoreBlock blocks[kScoreBlocks];
        const int64_t end = std::min(count, begin + kScoreBlocks);
        for (int64_t i = begin; i < end; ++i) {
          ScoreBlock& block = blocks[i - begin];
          block = {scores(i), size, std::clamp<int64_t>(seen[i] - keys.first, 0, keys.count), shape().scale,
                   shape().cap};
          if (has(run, kMask)) set_mask(block, i, keys.first);
        }
        weigh_scores(blocks, states + begin, end - begin);
      }
      multiply_values(keys);
    }

    void set_mask(ScoreBlock& block, int64_t i, int64_t key) const {
      const Dims& strides = shape().mask_strides;
      const int64_t place =
          image * strides[0] + query_head(i) * strides[1] + query_token(i) * strides[2] + key * strides[3];
      block.same_mask = strides[3] == 0;
      if (run.input(kMask).type() == DataType::kBool)
        block.bools = static_cast<const uint8_t*>(run.input(kMask).raw()) + place;
      else
        block.mask = run.input_floats(kMask) + place;
    }

    void multiply_keys(const Keys& keys, const float* const* queries) const {
      const int64_t size = shape().query.size;
      if (count < kFewQueries) {
        for (int64_t i = 0; i < count; ++i)
          multiply_query(queries[i], keys.keys, keys.key_stride, keys.count, size, scores(i));
        return;
      }
      const PanelWidths widths = PanelWidths::of(keys.count);
      const int64_t lanes = row_product_lanes();
      for (int64_t panel = 0; panel < widths.count(); ++panel) {
        const int64_t first_key = widths.vectors_before(panel) * lanes,
                      width = widths.vectors_before(panel + 1) * lanes - first_key;
        pack_transposed(keys.keys + first_key * keys.key_stride, keys.key_stride,
                        std::min(width, keys.count - first_key), size, packed_keys() + first_key * size,
                        width);
      }
      float* outs[kQueries];
      for (int64_t i = 0; i < count; ++i) outs[i] = scores(i);
      RowProduct product;
      product.matrix = packed_keys();
      product.depth = size;
      product.last_panel = widths.count();
      multiply_panels(product, widths, size, 0, queries, outs, count);
    }

    void multiply_values(const Keys& keys) const {
      const float* weights[kQueries];
      float* outs[kQueries];
      for (int64_t i = 0; i < count; ++i) weights[i] = scores(i), outs[i] = result(i);
      RowProduct product;
      product.matrix = keys.values;
      product.depth = keys.count;
      product.row_stride = keys.value_stride;
      product.last_panel = a.widths_.count();
      product.accumulate = keys.first > 0;
      // Rows that are no whole vectors are copied: nothing may be read beyond the last. So are those that lie
      // far apart, heads beside heads: in steps of a power of two they push each other out of the L1 cache.
      if (!a.reads_values_) {
        float* packed = packed_values();
        for (int64_t key = 0; key < keys.count; ++key, packed += a.padded_) {
          const float* from = keys.values + key * keys.value_stride;
          std::fill(std::copy_n(from, shape().value.size, packed), packed + a.padded_, 0.0f);
        }
        product.matrix = packed_values();
        product.row_stride = a.padded_;
      }
      multiply_panels(product, a.widths_, 0, 0, weights, outs, count);
    }
  };

  Shape s_;
  PanelWidths widths_;  // of the values
  int64_t queries_, per_piece_, padded_;
  bool reads_values_;  // where they are
  int64_t keys_;       // room for so many of a block
};

bool is_present(const KernelRequest& request, size_t input) {
  return request.node().input(input) != nullptr;
}

// Masks of other types are rare.
bool has_usual_types(const KernelRequest& request) {
  for (size_t i = 0; i < request.input_types.size(); ++i) {
    const DataType type = request.input_types[i];
    const bool usual = type == DataType::kUndefined || type == DataType::kFloat || i == kValidTokens ||
                       (i == kMask && type == DataType::kBool);
    if (!usual) return false;
  }
  return request.node().output(kScores) == nullptr;
}

std::optional<Shape> shape_of(const KernelRequest& request) {
  const Node& node = request.node();
  const auto& inputs = request.shapes.inputs;
  const int64_t kv_heads = node.int_attribute("kv_num_heads", 0);
  const auto query = heads_of(inputs[kQuery], node.int_attribute("q_num_heads", 0)),
             key = heads_of(inputs[kKey], kv_heads), value = heads_of(inputs[kValue], kv_heads);
  if (!query || !key || !value) return std::nullopt;
  const int64_t batch = inputs[kQuery][0];
  const bool fits = inputs[kKey][0] == batch && inputs[kValue][0] == batch && key->tokens == value->tokens &&
                    key->heads == value->heads && query->size == key->size &&
                    inputs[kQuery].size() == inputs[kKey].size() &&
                    inputs[kKey].size() == inputs[kValue].size() && query->heads % key->heads == 0;
  if (!fits) return std::nullopt;
  Shape shape{batch, *query, *key, *value, {}, {}, {}, {}, 0, false, 0, 0};
  shape.is_causal = node.int_attribute("is_causal", 0) != 0;
  shape.scale = node.float_attribute("scale", 1.0f / std::sqrt(static_cast<float>(query->size)));
  shape.cap = node.float_attribute("softcap", 0.0f);
  shape.result = *query;
  shape.result.size = value->size;
  shape.result.head_stride = query->head_stride / query->size * value->size;
  shape.result.token_stride = query->token_stride / query->size * value->size;
  shape.result.image_stride = query->image_stride / query->size * value->size;
  return shape;
}

bool add_past(const KernelRequest& request, Shape& shape) {
  if (is_present(request, kPastKey) != is_present(request, kPastValue)) return false;
  if (!is_present(request, kPastKey)) return true;
  if (is_present(request, kValidTokens)) return false;
  const Dims &key = request.shapes.inputs[kPastKey], &value = request.shapes.inputs[kPastValue];
  if (key.size() != 4 || key != Dims{shape.batch, shape.key.heads, key[2], shape.key.size} ||
      value != Dims{shape.batch, shape.key.heads, key[2], shape.value.size})
    return false;
  shape.past_key = *heads_of(key, 0);
  shape.past_value = *heads_of(value, 0);
  return true;
}

bool add_mask(const KernelRequest& request, Shape& shape) {
  shape.mask_keys = shape.all_keys();
  if (is_present(request, kValidTokens) && request.shapes.inputs[kValidTokens] != Dims{shape.batch})
    return false;
  if (!is_present(request, kMask)) return true;
  const Dims& mask = request.shapes.inputs[kMask];
  Dims reached{shape.batch, shape.query.heads, shape.query.tokens, shape.all_keys()};
  if (mask.size() > reached.size()) return false;
  if (!mask.empty() && mask.back() > 1) reached.back() = std::min(reached.back(), mask.back());
  // A mask of more keys than there are does not fit.
  for (size_t i = 0; i < mask.size(); ++i)
    if (mask[mask.size() - 1 - i] != 1 && mask[mask.size() - 1 - i] != reached[3 - i]) return false;
  shape.mask_keys = reached.back();
  shape.mask_strides = ops::broadcast_strides(mask, reached);
  return true;
}

}  // namespace

std::unique_ptr<Kernel> make_attention(const KernelRequest& request) {
  if (!has_usual_types(request)) return nullptr;
  auto shape = shape_of(request);
  if (!shape || !add_past(request, *shape) || !add_mask(request, *shape)) return nullptr;
  return std::make_unique<Attention>(std::move(*shape));
}

}  // namespace slipway::engine
