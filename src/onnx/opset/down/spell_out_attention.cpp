// Attention and RotaryEmbedding in terms of older operators.
#include <cmath>
#include <limits>

#include "onnx/opset/down/downgrade_rules.hpp"
#include "onnx/opset/node_conversion.hpp"

namespace slipway::downgrade_rule {
namespace {

constexpr auto kF32 = static_cast<int64_t>(DataType::kFloat);
enum Input : uint8_t { kQuery, kKey, kValue, kMask, kPastKey, kPastValue, kValidTokens };

using Perm = std::vector<int64_t>;

class AttentionBody {
 public:
  explicit AttentionBody(NodeConversion& down)
      : down_(down), node_(down.node()), type_(down.element_type(node_.input(kQuery))) {
    const auto rank = down.rank(node_.input(kQuery));
    if (!rank || type_ == DataType::kUndefined) down.refuse("the type of its query is not known");
    packed_ = *rank == 3;
  }

  void build() {
    Value* query = heads(kQuery, "q_num_heads");
    Value* key = cache(heads(kKey, "kv_num_heads"), kPastKey, 1);
    Value* value = cache(heads(kValue, "kv_num_heads"), kPastValue, 2);
    Value *all_keys = shared(wide(key), query), *all_values = shared(wide(value), query);
    Value* turned = make("Transpose", {all_keys}, {{"perm", Perm{0, 1, 3, 2}}});
    Value* scores = scaled_product(wide(query), turned);
    Value* steps[4] = {scores, capped(scores), nullptr, nullptr};
    steps[2] = masked(steps[1], query, key);
    steps[3] = make("Softmax", {steps[2]}, {{"axis", int64_t{-1}}});
    const auto wanted = static_cast<size_t>(node_.int_attribute("qk_matmul_output_mode", 0));
    if (node_.output(3)) result(3, "Identity", {steps[wanted]});
    if (packed_) {
      Value* weighed = make("MatMul", {steps[3], all_values});
      Value* tokens_first = make("Transpose", {weighed}, {{"perm", Perm{0, 2, 1, 3}}});
      result(0, "Reshape", {tokens_first, down_.add_list({0, 0, -1})});
    } else {
      result(0, "MatMul", {steps[3], all_values});
    }
    down_.erase_node();
  }

 private:
  Value* make(const char* op_type, std::vector<Value*> inputs, std::initializer_list<Setting> settings = {}) {
    return down_.make(op_type, std::move(inputs), settings);
  }
  Value* number(float value) { return down_.add_constant(Tensor::scalar<float>(value)); }
  Value* wide(Value* value) { return type_is_f32() ? value : make("Cast", {value}, {{"to", kF32}}); }
  bool type_is_f32() const { return type_ == DataType::kFloat; }
  Value* extent(Value* value, int64_t axis) {
    return make("Shape", {value}, {{"start", axis}, {"end", axis + 1}});
  }
  Value* extents(std::vector<Value*> parts) {
    return make("Concat", std::move(parts), {{"axis", int64_t{0}}});
  }
  void result(size_t index, const char* op_type, std::vector<Value*> inputs) {
    if (type_is_f32()) {
      down_.make_output(index, op_type, std::move(inputs));
    } else {
      down_.make_output(index, "Cast", {make(op_type, std::move(inputs))},
                        {{"to", static_cast<int64_t>(type_)}});
    }
  }

  // Of [batch, heads, tokens, size], as far as the input's type says it.
  Dim size_of(Input input, size_t axis) const {
    const auto& shape = down_.type(node_.input(input)).shape();
    if (!shape) return {};
    if (!packed_) return (*shape)[axis];
    const int64_t heads = node_.int_attribute(input == kQuery ? "q_num_heads" : "kv_num_heads", 1);
    if (axis == 1) return heads;
    return axis == 3 ? floor_div((*shape)[2], heads) : (*shape)[axis / 2];
  }

  // [batch, heads, tokens, size]
  Value* heads(Input input, const char* attribute) {
    Value* value = node_.input(input);
    if (!packed_) return value;
    Value* shape = down_.add_list({0, 0, node_.int_attribute(attribute, 1), -1});
    return make("Transpose", {make("Reshape", {value, shape})}, {{"perm", Perm{0, 2, 1, 3}}});
  }

  // With the past in front; handed out when asked for.
  Value* cache(Value* present, Input past, size_t output) {
    Value* all =
        node_.input(past) ? make("Concat", {node_.input(past), present}, {{"axis", int64_t{2}}}) : present;
    if (node_.output(output)) down_.make_output(output, "Identity", {all});
    return all;
  }

  // Each key's head serves a group of the query's heads.
  Value* shared(Value* cache, Value* query) {
    if (size_of(kQuery, 1) == size_of(kKey, 1)) return cache;
    Value* group = make("Div", {extent(query, 1), extent(cache, 1)});
    Value* one = make("Unsqueeze", {cache, down_.add_list({2})});
    Value* shape = extents({extent(cache, 0), extent(cache, 1), group, extent(cache, 2), extent(cache, 3)});
    Value* merged = extents({extent(cache, 0), extent(query, 1), extent(cache, 2), extent(cache, 3)});
    return make("Reshape", {make("Expand", {one, shape}), merged});
  }

  Value* scaled_product(Value* query, Value* turned_keys) {
    const Dim size = size_of(kQuery, 3);
    if (type_is_f32() && (node_.find_attribute("scale") || (size.is_known() && size.value() > 0))) {
      const auto by_size = [&] {
        return static_cast<float>(1 / std::sqrt(static_cast<double>(size.value())));
      };
      const float scale = node_.find_attribute("scale") ? node_.float_attribute("scale", 1) : by_size();
      return make("MatMul", {make("Mul", {query, number(scale)}), turned_keys});
    }
    // Half of the scale on each side keeps the products of half precision in its range.
    return make("MatMul", {make("Mul", {query, root_of_scale(query)}),
                           make("Mul", {turned_keys, root_of_scale(query)})});
  }

  Value* root_of_scale(Value* query) {
    if (node_.find_attribute("scale")) return number(std::sqrt(node_.float_attribute("scale", 1)));
    Value* size = make("Cast", {make("Squeeze", {extent(query, 3), down_.add_list({0})})}, {{"to", kF32}});
    return make("Sqrt", {make("Reciprocal", {make("Sqrt", {size})})});
  }

  Value* capped(Value* scores) {
    const float cap = node_.float_attribute("softcap", 0);
    if (cap <= 0) return scores;
    return make("Mul", {make("Tanh", {make("Div", {scores, number(cap)})}), number(cap)});
  }

  Value* minus_infinity_unless(Value* kept) {
    return make("Where", {kept, number(0), number(-std::numeric_limits<float>::infinity())});
  }

  Value* counted(Value* count) {
    Value* scalar = make("Squeeze", {count, down_.add_list({0})});
    return make("Range", {down_.add_constant(Tensor::scalar<int64_t>(0)), scalar,
                          down_.add_constant(Tensor::scalar<int64_t>(1))});
  }

  Value* masked(Value* scores, Value* query, Value* key) {
    if (node_.input(kMask)) scores = make("Add", {scores, bias(key)});
    if (node_.int_attribute("is_causal", 0) != 0) {
      Value* rows = make("Unsqueeze", {counted(extent(query, 2)), down_.add_list({1})});
      if (node_.input(kPastKey)) rows = make("Add", {rows, extent(node_.input(kPastKey), 2)});
      Value* kept = make("LessOrEqual", {counted(extent(key, 2)), rows});
      scores = make("Add", {scores, minus_infinity_unless(kept)});
    }
    if (!node_.input(kValidTokens)) return scores;
    Value* valid = make("Reshape", {node_.input(kValidTokens), down_.add_list({-1, 1, 1, 1})});
    return make("Add", {scores, minus_infinity_unless(make("Less", {counted(extent(key, 2)), valid}))});
  }

  // A mask says what to add, or which keys count; keys behind its end do not.
  Value* bias(Value* key) {
    Value* mask = node_.input(kMask);
    const DataType type = down_.element_type(mask);
    if (type == DataType::kUndefined) down_.refuse("the element type of its mask is not known");
    Value* added = type == DataType::kBool    ? minus_infinity_unless(mask)
                   : type == DataType::kFloat ? mask
                                              : make("Cast", {mask}, {{"to", kF32}});
    const auto rank = down_.rank(mask);
    if (!rank) down_.refuse("the rank of its mask is not known");
    const Dim &reached = down_.type(mask).shape()->back(), all = all_keys(key);
    if (reached == all || (reached.is_known() && reached.value() == 1)) return added;
    const auto last = static_cast<int64_t>(*rank) - 1;
    Value* missing = make("Sub", {extent(key, 2), extent(mask, last)});
    Value* pads = extents({down_.add_list(Perm(2 * *rank - 1, 0)), missing});
    return make("Pad", {added, pads, number(-std::numeric_limits<float>::infinity())});
  }

  // How many tokens keys have in all, as far as it is known.
  Dim all_keys(Value*) const {
    const auto& key = down_.type(node_.input(kKey)).shape();
    if (!key) return {};
    const Dim present = (*key)[packed_ ? 1 : 2];
    if (!node_.input(kPastKey)) return present;
    const auto& past = down_.type(node_.input(kPastKey)).shape();
    return past && past->size() == 4 ? (*past)[2] + present : Dim();
  }

  NodeConversion& down_;
  Node& node_;
  DataType type_;
  bool packed_ = false;  // [batch, tokens, heads * size] instead of [batch, heads, tokens, size]
};

Value* slice_of_last(NodeConversion& down, Value* x, int64_t from, int64_t to, int64_t step = 1) {
  return down.make(
      "Slice", {x, down.add_list({from}), down.add_list({to}), down.add_list({-1}), down.add_list({step})});
}

}  // namespace

void attention_spelled_out(NodeConversion& down) {
  AttentionBody(down).build();
}

// Version 23 had no number of valid tokens.
void attention_without_valid_tokens(NodeConversion& down) {
  if (down.node().input(kValidTokens)) return attention_spelled_out(down);
  down.drop_inputs_from(kValidTokens);
}

// Turns the first `rotary_embedding_dim` elements of each head in pairs.
void rotary_embedding_spelled_out(NodeConversion& down) {
  Node& node = down.node();
  constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  const auto rank = down.rank(node.input(0));
  if (!rank) down.refuse("the rank of its input is not known");
  const bool packed = *rank == 3, interleaved = node.int_attribute("interleaved", 0) != 0;
  const int64_t turned_size = node.int_attribute("rotary_embedding_dim", 0);
  Value* x = packed ? down.make("Reshape", {node.input(0),
                                            down.add_list({0, 0, node.int_attribute("num_heads", 1), -1})})
                    : down.make("Transpose", {node.input(0)}, {{"perm", Perm{0, 2, 1, 3}}});
  Value* turned = turned_size == 0 ? x : slice_of_last(down, x, 0, turned_size);
  const auto angles = [&](size_t input) {
    Value* cache =
        node.input(3) ? down.make("Gather", {node.input(input), node.input(3)}) : node.input(input);
    return down.make("Unsqueeze", {cache, down.add_list({2})});
  };
  Value *cosine = angles(1), *sine = angles(2);
  Value *first = nullptr, *second = nullptr;
  if (interleaved) {
    first = slice_of_last(down, turned, 0, kEnd, 2);
    second = slice_of_last(down, turned, 1, kEnd, 2);
  } else {
    Node* halves = down.insert("Split", {turned}, 2);
    halves->set_attribute("axis", int64_t{-1});
    halves->set_attribute("num_outputs", int64_t{2});
    first = halves->output(0);
    second = halves->output(1);
  }
  const auto product = [&](Value* a, Value* b) { return down.make("Mul", {a, b}); };
  Value* real = down.make("Sub", {product(cosine, first), product(sine, second)});
  Value* imaginary = down.make("Add", {product(sine, first), product(cosine, second)});
  Value* result = nullptr;
  if (interleaved) {
    const auto column = [&](Value* one) { return down.make("Unsqueeze", {one, down.add_list({-1})}); };
    Value* pairs = down.make("Concat", {column(real), column(imaginary)}, {{"axis", int64_t{-1}}});
    result = down.make("Reshape", {pairs, down.make("Shape", {turned})});
  } else {
    result = down.make("Concat", {real, imaginary}, {{"axis", int64_t{-1}}});
  }
  if (turned_size != 0)
    result =
        down.make("Concat", {result, slice_of_last(down, x, turned_size, kEnd)}, {{"axis", int64_t{-1}}});
  if (packed) {
    down.make_output(0, "Reshape", {result, down.make("Shape", {node.input(0)})});
  } else {
    down.make_output(0, "Transpose", {result}, {{"perm", Perm{0, 2, 1, 3}}});
  }
  down.erase_node();
}

}  // namespace slipway::downgrade_rule
