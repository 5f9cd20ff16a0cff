// Attention with the projection in front, from several forms of keys and values, and with masks of several
// forms: the standard's Attention behind standard operators that bring its inputs into form.
#include "onnx/opset/contrib/attention_mask.hpp"
#include "onnx/opset/contrib/quantized_products.hpp"
#include "onnx/opset/contrib/rules.hpp"
#include "onnx/opset/node_conversion.hpp"

namespace slipway::contrib_rule {
namespace {

struct AttentionInputs {
  Value* query;  // [batch, tokens, heads * size], as key and value
  Value* key;
  Value* value;
  Value* padding = nullptr;   // see padding_mask()
  Value* bias = nullptr;      // added to the scores
  Value* past_key = nullptr;  // [batch, heads, past tokens, size]
  Value* past_value = nullptr;
};

Value* size_of(NodeConversion& upgrade, Value* value, int64_t axis) {
  return upgrade.make("Shape", {value}, {{"start", axis}, {"end", axis + 1}});
}

// Takes the attributes. Outputs that are wanted are filled from the front.
Node* insert_attention(NodeConversion& upgrade, const AttentionInputs& inputs, size_t output_count) {
  const auto heads = upgrade.take_int("num_heads").value_or(0);
  const float filter = upgrade.take_float("mask_filter_value").value_or(-10000);
  const float scale = upgrade.take_float("scale").value_or(0);
  Value* mask = inputs.bias;
  if (inputs.padding) {
    Value* all = size_of(upgrade, inputs.key, 1);
    if (inputs.past_key) all = upgrade.make("Add", {all, size_of(upgrade, inputs.past_key, 2)});
    mask = padding_mask(upgrade, inputs.padding, inputs.query, all, filter);
    if (inputs.bias) mask = upgrade.make("Add", {mask, inputs.bias});
  }
  Node* made = upgrade.insert(
      "Attention", {inputs.query, inputs.key, inputs.value, mask, inputs.past_key, inputs.past_value},
      output_count);
  made->set_attribute("q_num_heads", heads);
  made->set_attribute("kv_num_heads", heads);
  if (scale != 0) made->set_attribute("scale", scale);
  if (upgrade.take_int("unidirectional").value_or(0) != 0) made->set_attribute("is_causal", int64_t{1});
  return made;
}

void refuse_shared_buffers(NodeConversion& upgrade, size_t length_input) {
  if (upgrade.take_int("past_present_share_buffer").value_or(0) != 0 || upgrade.node().input(length_input))
    upgrade.refuse("past and present share a buffer");
}

// Query, key and value in one; past and present as one tensor with keys in front of values.
void attend_to_itself(NodeConversion& upgrade, Value* projected, Value* padding, Value* past, Value* bias) {
  Node& node = upgrade.node();
  if (upgrade.take_int("do_rotary").value_or(0) != 0) upgrade.refuse("attribute 'do_rotary' is set");
  const auto sizes = upgrade.take_ints("qkv_hidden_sizes");
  Node* parts = upgrade.insert("Split", {projected, sizes ? upgrade.add_list(*sizes) : nullptr}, 3);
  parts->set_attribute("axis", int64_t{-1});
  if (!sizes) parts->set_attribute("num_outputs", int64_t{3});
  AttentionInputs inputs{.query = parts->output(0), .key = parts->output(1), .value = parts->output(2)};
  inputs.padding = padding, inputs.bias = bias;
  const auto state = [&](int64_t index) {
    return upgrade.make("Gather", {past, upgrade.add_number(index)}, {{"axis", 0}});
  };
  if (past) inputs.past_key = state(0), inputs.past_value = state(1);
  const bool wants_present = node.output(1) && !node.output(1)->is_unused();
  Node* made = insert_attention(upgrade, inputs, wants_present ? 3 : 1);
  if (wants_present) {
    std::vector<Value*> states;
    for (size_t output : {1u, 2u})
      states.push_back(upgrade.make("Unsqueeze", {made->output(output), upgrade.add_list({0})}));
    upgrade.make_output(1, "Concat", states)->set_attribute("axis", int64_t{0});
  }
  upgrade.finish(made->output(0));
}

// [batch, tokens, heads * size] of one of several that are packed as [batch, tokens, heads, which, size].
Value* unpacked(NodeConversion& upgrade, Value* packed, int64_t which) {
  Value* one = upgrade.make("Gather", {packed, upgrade.add_number(which)}, {{"axis", 3}});
  return upgrade.make("Reshape", {one, upgrade.add_list({0, 0, -1})});
}

// The same of [batch, heads, tokens, size], as a cache has it.
Value* from_cache(NodeConversion& upgrade, Value* cache) {
  Value* tokens = upgrade.make("Transpose", {cache}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
  return upgrade.make("Reshape", {tokens, upgrade.add_list({0, 0, -1})});
}

// Adds the projection's bias, query's, key's and value's one after the other.
void add_projection_bias(NodeConversion& upgrade, Value* bias, AttentionInputs& inputs) {
  std::vector<Value*> sizes;
  for (Value* part : {inputs.query, inputs.key, inputs.value}) sizes.push_back(size_of(upgrade, part, 2));
  Node* parts = upgrade.insert("Split", {bias, upgrade.make("Concat", sizes, {{"axis", 0}})}, 3);
  inputs.query = upgrade.make("Add", {inputs.query, parts->output(0)});
  inputs.key = upgrade.make("Add", {inputs.key, parts->output(1)});
  inputs.value = upgrade.make("Add", {inputs.value, parts->output(2)});
}

// Query, key and value by the ranks in which they are given.
AttentionInputs separate_inputs(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  Value *query = node.input(0), *key = node.input(1), *value = node.input(2);
  if (upgrade.rank(query) == 5u)
    return {unpacked(upgrade, query, 0), unpacked(upgrade, query, 1), unpacked(upgrade, query, 2)};
  if (!key) upgrade.refuse("it has no key");
  const auto rank = upgrade.rank(key);
  if (rank == 5u) return {query, unpacked(upgrade, key, 0), unpacked(upgrade, key, 1)};
  if (!value) upgrade.refuse("it has no value");
  if (rank == 4u) return {query, from_cache(upgrade, key), from_cache(upgrade, value)};
  if (rank != 3u) upgrade.refuse("the rank of its key is not known");
  return {query, key, value};
}

}  // namespace

void attention(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  refuse_shared_buffers(upgrade, 6);
  Value* projected = upgrade.make("MatMul", {node.input(0), node.input(1)});
  if (node.input(2)) projected = upgrade.make("Add", {projected, node.input(2)});
  attend_to_itself(upgrade, projected, node.input(3), node.input(4), node.input(5));
}

void quantized_attention(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  refuse_shared_buffers(upgrade, 9);
  Value* projected = real_product(upgrade, {.a = node.input(0),
                                            .a_scale = node.input(3),
                                            .a_zero_point = node.input(6),
                                            .b = node.input(1),
                                            .b_scale = node.input(4),
                                            .b_zero_point = node.input(7),
                                            .bias = node.input(2)});
  attend_to_itself(upgrade, projected, node.input(5), node.input(8), nullptr);
}

void multi_head_attention(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  refuse_shared_buffers(upgrade, 8);
  AttentionInputs inputs = separate_inputs(upgrade);
  if (node.input(3)) add_projection_bias(upgrade, node.input(3), inputs);
  inputs.padding = node.input(4), inputs.bias = node.input(5);
  inputs.past_key = node.input(6), inputs.past_value = node.input(7);
  Node* made = insert_attention(upgrade, inputs, 0);
  // Scores with the masks added, before the softmax.
  if (node.output(3)) made->set_attribute("qk_matmul_output_mode", int64_t{2});
  for (size_t output = 0; output < 4; ++output)
    if (node.output(output)) node.graph().move_output(&node, output, made, output);
  upgrade.replace_by(made);
}

}  // namespace slipway::contrib_rule
