// LinearAttention: attention whose past is one matrix a head, which each token updates (Katharopoulos et al.,
// "Transformers are RNNs", 2020; with gates and the delta rule: Yang et al., "Gated Delta Networks", 2024).
#include <cmath>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/attention_heads.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

struct Rule {
  bool gated;
  bool delta;
};

Rule rule_of(const Node& node) {
  const std::string name = node.string_attribute("update_rule", "gated_delta");
  if (name != "linear" && name != "gated" && name != "delta" && name != "gated_delta")
    fail(ErrorCode::kInvalidModel,
         "attribute update_rule is '{}', but linear, gated, delta or gated_delta was expected", name);
  return {name == "gated" || name == "gated_delta", name == "delta" || name == "gated_delta"};
}

struct Heads {
  int64_t query;
  int64_t kv;
};

Heads heads_of(const Node& node) {
  const Heads heads{node.int_attribute("q_num_heads", 0), node.int_attribute("kv_num_heads", 0)};
  if (heads.kv < 1 || heads.query < 1 || heads.query % heads.kv != 0)
    fail(ErrorCode::kInvalidModel,
         "q_num_heads is {}, but a positive multiple of kv_num_heads, {}, is expected", heads.query,
         heads.kv);
  return heads;
}

// Is an optional input there exactly when the rule has a use for it?
void require_input(bool there, bool wanted, const char* what) {
  if (there != wanted)
    fail(ErrorCode::kInvalidModel, "input '{}' is {}, but the update rule {}", what,
         there ? "given" : "missing", wanted ? "needs it" : "has no use for it");
}

void check_rank(const std::optional<Shape>& shape, const char* what) {
  if (shape && shape->size() != 3)
    fail(ErrorCode::kInvalidModel, "{} is {}, but [batch, tokens, heads * size] is expected", what,
         to_string(*shape));
}

void infer(InferenceContext& context) {
  const Rule rule = rule_of(context.node());
  const Heads heads = heads_of(context.node());
  require_input(context.has_input(4), rule.gated, "decay");
  require_input(context.has_input(5), rule.delta, "beta");
  const auto &query = context.input_shape(0), &value = context.input_shape(2);
  check_rank(query, "the query");
  check_rank(value, "the value");
  const Dim batch = query ? (*query)[0] : Dim(), tokens = query ? (*query)[1] : Dim();
  const Dim key_size = query ? floor_div((*query)[2], heads.query) : Dim();
  const Dim value_size = value ? floor_div((*value)[2], heads.kv) : Dim();
  const DataType type = context.input_element_type(0);
  context.set_output_type(0, Type::tensor(type, Shape{batch, tokens, value_size * Dim(heads.query)}));
  const DataType state = context.has_input(3) ? context.input_element_type(3) : type;
  context.set_output_type(1, Type::tensor(state, Shape{batch, heads.kv, key_size, value_size}));
}

struct Sizes {
  Heads heads;
  int64_t batch, tokens, key, value;
};

Sizes sizes_of(const Node& node, const Tensor& query, const Tensor& key, const Tensor& value) {
  const Heads heads = heads_of(node);
  for (const Tensor* tensor : {&query, &key, &value})
    check_rank(Shape(tensor->dims().begin(), tensor->dims().end()), "the query, key or value");
  if (!divides_into_heads(query.dim(2), heads.query) || !divides_into_heads(value.dim(2), heads.kv))
    fail(ErrorCode::kInvalidModel, "query {} and value {} cannot be divided into {} and {} heads",
         to_string(query.dims()), to_string(value.dims()), heads.query, heads.kv);
  const Sizes sizes{heads, query.dim(0), query.dim(1), query.dim(2) / heads.query, value.dim(2) / heads.kv};
  require_dims(key, "the key", {sizes.batch, sizes.tokens, element_count({heads.kv, sizes.key})});
  require_dims(value, "the value", {sizes.batch, sizes.tokens, value.dim(2)});
  return sizes;
}

// A gate or rate: one entry for each of `heads * size` places of a token, or fewer that are shared.
struct Factors {
  std::optional<Tensor> tensor;
  int64_t entries = 0;  // a token

  double at(const Sizes& sizes, int64_t batch, int64_t token, int64_t head, int64_t place) const {
    const int64_t per_head = entries / sizes.heads.kv;
    const int64_t entry = entries < sizes.heads.kv ? 0 : head * per_head + (per_head > 1 ? place : 0);
    return tensor->data<double>()[static_cast<size_t>((batch * sizes.tokens + token) * entries + entry)];
  }
};

Factors factors(std::optional<Tensor> tensor, const Sizes& sizes, const char* what, int64_t fewest,
                int64_t most) {
  if (!tensor) return {};
  const int64_t entries = tensor->rank() == 3 ? tensor->dim(2) : -1;
  if (entries != fewest && entries != most)
    fail(ErrorCode::kInvalidModel, "{} has shape {}, but {} or {} entries a token are expected", what,
         to_string(tensor->dims()), fewest, most);
  require_dims(*tensor, what, {sizes.batch, sizes.tokens, entries});
  return {std::move(tensor), entries};
}

// One token's turn: the state of one head, [key, value], forgets and learns.
void update(double* state, const double* key, const double* value, const Sizes& sizes, const Factors& decay,
            const Factors& beta, int64_t batch, int64_t token, int64_t head) {
  if (decay.tensor)
    for (int64_t k = 0; k < sizes.key; ++k) {
      const double kept = std::exp(decay.at(sizes, batch, token, head, k));
      for (int64_t v = 0; v < sizes.value; ++v) state[k * sizes.value + v] *= kept;
    }
  for (int64_t v = 0; v < sizes.value; ++v) {
    double change = value[v];
    if (beta.tensor) {
      for (int64_t k = 0; k < sizes.key; ++k) change -= state[k * sizes.value + v] * key[k];
      change *= beta.at(sizes, batch, token, head, 0);
    }
    for (int64_t k = 0; k < sizes.key; ++k) state[k * sizes.value + v] += key[k] * change;
  }
}

void read(const double* state, const double* query, const Sizes& sizes, double scale, double* to) {
  for (int64_t v = 0; v < sizes.value; ++v) {
    double sum = 0;
    for (int64_t k = 0; k < sizes.key; ++k) sum += query[k] * state[k * sizes.value + v];
    to[v] = scale * sum;
  }
}

void compute(KernelContext& context) {
  const Node& node = context.node();
  const Rule rule = rule_of(node);
  require_input(context.has_input(4), rule.gated, "decay");
  require_input(context.has_input(5), rule.delta, "beta");
  const Tensor query = exact_input(context, 0), key = exact_input(context, 1),
               value = exact_input(context, 2);
  const Sizes sizes = sizes_of(node, query, key, value);
  const auto [query_heads, kv_heads] = sizes.heads;
  const Factors decay = factors(exact_optional_input(context, 4), sizes, "decay", kv_heads,
                                element_count({kv_heads, sizes.key}));
  const Factors beta = factors(exact_optional_input(context, 5), sizes, "beta", 1, kv_heads);
  const Dims state_dims{sizes.batch, kv_heads, sizes.key, sizes.value};
  Tensor states = context.has_input(3) ? exact_input(context, 3) : exact_zeros(state_dims);
  require_dims(states, "past_state", state_dims);
  const auto stated_scale = static_cast<double>(node.float_attribute("scale", 0));
  const double scale = stated_scale == 0 ? 1 / std::sqrt(static_cast<double>(sizes.key)) : stated_scale;

  Tensor output(DataType::kDouble, {sizes.batch, sizes.tokens, element_count({query_heads, sizes.value})});
  const int64_t group = query_heads / kv_heads;
  const auto row = [](const Tensor& tensor, int64_t index, int64_t size) {
    return tensor.data<double>().data() + index * size;
  };
  for (int64_t batch = 0; batch < sizes.batch; ++batch)
    for (int64_t token = 0; token < sizes.tokens; ++token)
      for (int64_t head = 0; head < kv_heads; ++head) {
        double* state = states.data<double>().data() + (batch * kv_heads + head) * sizes.key * sizes.value;
        const int64_t place = batch * sizes.tokens + token;
        WorkScope::spend(static_cast<double>(2 + group) * static_cast<double>(sizes.key * sizes.value));
        update(state, row(key, place * kv_heads + head, sizes.key),
               row(value, place * kv_heads + head, sizes.value), sizes, decay, beta, batch, token, head);
        for (int64_t q = place * query_heads + head * group, end = q + group; q < end; ++q)
          read(state, row(query, q, sizes.key), sizes, scale, output.data<double>().data() + q * sizes.value);
      }
  const DataType type = context.input(0).type();
  round_to_output(context, 0, type, output);
  round_to_output(context, 1, context.has_input(3) ? context.input(3).type() : type, states);
}

}  // namespace

void register_linear_attention(Registry& registry) {
  using Kind = Attribute::Kind;
  constexpr TypeSet kTypes{DataType::kFloat, DataType::kFloat16, DataType::kBfloat16};
  registry.add({.name = "LinearAttention",
                .since_version = 27,
                .inputs = {{"query", "T"},
                           {"key", "T"},
                           {"value", "T"},
                           {"past_state", "S", Arity::kOptional},
                           {"decay", "T", Arity::kOptional},
                           {"beta", "T", Arity::kOptional}},
                .outputs = {{"output", "T"}, {"present_state", "S"}},
                .attributes = {{"chunk_size", Kind::kInt},
                               {"kv_num_heads", Kind::kInt, true},
                               {"q_num_heads", Kind::kInt, true},
                               {"scale", Kind::kFloat},
                               {"update_rule", Kind::kString}},
                .type_constraints = {{"T", kTypes}, {"S", kTypes}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
