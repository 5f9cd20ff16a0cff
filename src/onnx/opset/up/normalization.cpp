// BatchNormalization, GroupNormalization, Dropout, Softmax and its like.
#include "onnx/opset/node_conversion.hpp"
#include "onnx/opset/up/upgrade_rules.hpp"

namespace slipway::upgrade_rule {

void batch_norm_spatial(NodeConversion& upgrade) {
  if (upgrade.take_int("spatial").value_or(1) == 0)
    upgrade.refuse("attribute 'spatial' is 0: it normalises each position by itself");
}

// Whether the statistics were those of the batch was told by is_test and later by the number of outputs.
void batch_norm_training_mode(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  const bool is_test = upgrade.take_int("is_test").value_or(0) != 0;
  const auto used = [&](size_t index) { return node.output(index) && !node.output(index)->is_unused(); };
  if (used(3) || used(4)) upgrade.refuse("its outputs 'saved_mean' and 'saved_var' are used");
  const bool training = (upgrade.written_for() < 7 && !is_test) || used(1) || used(2);
  upgrade.drop_outputs_from(training ? 3 : 1);
  if (training) upgrade.node().set_attribute("training_mode", int64_t{1});
}

// The mask had the type of the data.
void dropout_mask_to_bool(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  if (!node.output(1) || node.output(1)->is_unused()) return upgrade.drop_outputs_from(1);
  dropout_ratio_to_input(upgrade);  // now: the rules that follow see the Identity
  Node* dropout = upgrade.insert("Dropout", {node.inputs().begin(), node.inputs().end()}, 2);
  std::swap(dropout->attributes(), node.attributes());
  const DataType type = upgrade.element_type(node.input(0));
  upgrade.make_output(1, "Cast", {dropout->output(1)})
      ->set_attribute("to", static_cast<int64_t>(type == DataType::kUndefined ? DataType::kFloat : type));
  upgrade.become("Identity", {dropout->output(0)});
  upgrade.drop_outputs_from(1);
}

// Scale and bias were per group: each is repeated for the group's channels.
void group_norm_scale_per_channel(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  const int64_t groups = node.int_attribute("num_groups", 0);
  Node* channels = upgrade.insert("Shape", {node.input(0)});
  channels->set_attribute("start", int64_t{1});
  channels->set_attribute("end", int64_t{2});
  Node* channels_a_group = upgrade.insert("Div", {channels->output(0), upgrade.add_list({groups})});
  Node* repeated = upgrade.insert("Concat", {upgrade.add_list({groups}), channels_a_group->output(0)});
  repeated->set_attribute("axis", int64_t{0});
  for (size_t input : {1u, 2u}) {
    Node* column = upgrade.insert("Unsqueeze", {node.input(input), upgrade.add_list({1})});
    Node* matrix = upgrade.insert("Expand", {column->output(0), repeated->output(0)});
    upgrade.set_input(input,
                      upgrade.insert("Reshape", {matrix->output(0), upgrade.add_list({-1})})->output(0));
  }
}

// A tensor of any rank was flattened to a matrix at the axis, and the rows were normalised.
void softmax_along_one_axis(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  const int64_t axis = node.int_attribute("axis", 1);
  const auto rank = upgrade.rank(node.input(0));
  if (rank && (axis == -1 || axis == static_cast<int64_t>(*rank) - 1))
    return node.set_attribute("axis", int64_t{-1});
  Node* flat = upgrade.insert("Flatten", {node.input(0)});
  flat->set_attribute("axis", axis);
  Node* normalized = upgrade.insert(node.op_type(), {flat->output(0)});
  normalized->set_attribute("axis", int64_t{-1});
  Node* shape = upgrade.insert("Shape", {node.input(0)});
  node.erase_attribute("axis");
  upgrade.become("Reshape", {normalized->output(0), shape->output(0)});
}

}  // namespace slipway::upgrade_rule
