// Operators that the standard has, too, with small differences.
#include "onnx/opset/contrib/rules.hpp"
#include "onnx/opset/node_conversion.hpp"

namespace slipway::contrib_rule {
namespace {

Value* as_scalar(NodeConversion& upgrade, Value* value) {
  return upgrade.make("Reshape", {value, upgrade.add_list({})});
}

// [1], the size of the value along an axis.
Value* size_of(NodeConversion& upgrade, Value* value, int64_t axis) {
  return upgrade.make("Shape", {value}, {{"start", axis}, {"end", axis + 1}});
}

}  // namespace

void same_operator(NodeConversion& upgrade) {
  const auto inputs = upgrade.node().inputs();
  upgrade.become(upgrade.node().op_type(), {inputs.begin(), inputs.end()});
}

void expand_dims(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  Value* axis = upgrade.make("Cast", {node.input(1)}, {{"to", static_cast<int64_t>(DataType::kInt64)}});
  axis = upgrade.make("Reshape", {axis, upgrade.add_list({1})});
  upgrade.finish(upgrade.make("Unsqueeze", {node.input(0), axis}));
}

void grid_sample(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  const std::string mode = upgrade.take_string("mode").value_or("bilinear");
  node.set_attribute("mode", mode == "bilinear" ? "linear" : mode == "bicubic" ? "cubic" : mode);
  same_operator(upgrade);
}

// The pads may be a row, the value a vector of one.
void pad(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  Value* pads = upgrade.make("Reshape", {node.input(1), upgrade.add_list({-1})});
  Value* value = node.input(2) ? as_scalar(upgrade, node.input(2)) : nullptr;
  upgrade.become("Pad", {node.input(0), pads, value});
}

void range(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  Value* step = node.input(2) ? as_scalar(upgrade, node.input(2)) : nullptr;
  if (!step) {
    step = upgrade.add_scalar_like(node.input(0), 1);
    if (upgrade.element_type(node.input(0)) == DataType::kUndefined)
      step = upgrade.make("CastLike", {step, node.input(0)});
  }
  upgrade.become("Range", {as_scalar(upgrade, node.input(0)), as_scalar(upgrade, node.input(1)), step});
}

// Positions come second; one alone is that of the first token of each sequence.
void rotary_embedding(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  Value *input = node.input(0), *positions = node.input(1), *cosines = node.input(2);
  if (upgrade.take_float("scale").value_or(1) != 1) upgrade.refuse("attribute 'scale' is not 1");
  upgrade.take_int("is_packed_batching");
  const auto rank = upgrade.rank(input), position_rank = upgrade.rank(positions);
  if (!rank || !position_rank) upgrade.refuse("the rank of its input or of its positions is not known");
  if (*rank == 3 && node.int_attribute("num_heads", 0) == 0) {
    // Then each head is turned as a whole.
    const auto shape = upgrade.shape(input), turned = upgrade.shape(cosines);
    const bool known = turned && turned->size() == 2 && (*shape)[2].is_known() && (*turned)[1].is_known();
    if (!known || (*turned)[1].value() == 0)
      upgrade.refuse("attribute 'num_heads' is missing, and the size of a head is not known");
    node.set_attribute("num_heads", (*shape)[2].value() / 2 / (*turned)[1].value());
  }
  if (*position_rank == 1) {
    Value *batch = size_of(upgrade, input, 0), *tokens = size_of(upgrade, input, *rank == 4 ? 2 : 1);
    Value* counted =
        upgrade.make("Range", {upgrade.add_number(0), as_scalar(upgrade, tokens), upgrade.add_number(1)});
    counted = upgrade.make("Add", {counted, positions});
    positions = upgrade.make("Expand", {counted, upgrade.make("Concat", {batch, tokens}, {{"axis", 0}})});
  }
  upgrade.become("RotaryEmbedding", {input, cosines, node.input(3), positions});
}

// In the order in which the elements came, which the standard's takes as an attribute; it has one output
// more.
void unique(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  Node* twin = upgrade.insert("Unique", {node.input(0)}, 0);
  twin->set_attribute("sorted", int64_t{0});
  if (node.output(1)) node.graph().move_output(&node, 1, twin, 2);
  if (node.output(2)) node.graph().move_output(&node, 2, twin, 3);
  if (!node.output(0)) upgrade.refuse("its output 'y' is missing");
  node.graph().move_output(&node, 0, twin, 0);
  upgrade.replace_by(twin);
}

}  // namespace slipway::contrib_rule
