// Normalisations that came later, in terms of older operators: their inner arithmetic is in f32, as theirs
// was.
#include <numeric>

#include "onnx/opset/down/downgrade_rules.hpp"
#include "onnx/opset/node_conversion.hpp"
#include "onnx/read_model.hpp"

namespace slipway::downgrade_rule {
namespace {

// What the arithmetic inside is done in, and the way there and back.
class Stash {
 public:
  explicit Stash(NodeConversion& down)
      : down_(down),
        outer_(down.element_type(down.node().input(0))),
        inner_(static_cast<DataType>(down.node().int_attribute("stash_type", 1))) {
    if (outer_ == DataType::kUndefined) down.refuse("the element type of its input is not known");
  }

  Value* enter(Value* value) { return outer_ == inner_ ? value : cast(value, inner_); }
  Value* leave(Value* value) { return outer_ == inner_ ? value : cast(value, outer_); }

 private:
  Value* cast(Value* value, DataType type) {
    return down_.make("Cast", {value}, {{"to", static_cast<int64_t>(type)}});
  }

  NodeConversion& down_;
  DataType outer_, inner_;
};

Value* scalar(NodeConversion& down, float number) {
  return down.add_constant(Tensor::scalar<float>(number));
}

// From attribute 'axis' to the last.
Value* normalized_axes(NodeConversion& down) {
  int64_t axis = down.node().int_attribute("axis", -1);
  const auto rank = down.rank(down.node().input(0));
  if (axis >= 0 && !rank)
    down.refuse("it counts its axis from the front, and the rank of its input is not known");
  if (axis >= 0) axis -= static_cast<int64_t>(*rank);
  if (axis >= 0 || axis < -static_cast<int64_t>(kMaxTensorRank)) down.refuse("its input has no such axis");
  std::vector<int64_t> axes(static_cast<size_t>(-axis));
  std::iota(axes.begin(), axes.end(), axis);
  return down.add_list(axes);
}

// sqrt(mean(x²) + epsilon)
Value* root_of_mean_square(NodeConversion& down, Value* x, Value* axes) {
  Value* mean = down.make("ReduceMean", {down.make("Mul", {x, x}), axes});
  const float epsilon = down.node().float_attribute("epsilon", 1e-5f);
  return down.make("Sqrt", {down.make("Add", {mean, scalar(down, epsilon)})});
}

void require_f32_inside(NodeConversion& down) {
  if (down.node().int_attribute("stash_type", 1) != 1) down.refuse("attribute 'stash_type' is not 1");
}

}  // namespace

void layer_norm_spelled_out(NodeConversion& down) {
  require_f32_inside(down);
  Node& node = down.node();
  Stash stash(down);
  Value *x = stash.enter(node.input(0)), *axes = normalized_axes(down);
  Value* mean = down.make("ReduceMean", {x, axes});
  Value* deviation = down.make("Sub", {x, mean});
  Value* spread = root_of_mean_square(down, deviation, axes);
  Value* normalized = stash.leave(down.make("Div", {deviation, spread}));
  if (node.output(1)) down.make_output(1, "Identity", {mean});
  if (node.output(2)) down.make_output(2, "Reciprocal", {spread});
  Value *scale = node.input(1), *bias = node.input(2);
  if (bias) normalized = down.make("Mul", {normalized, scale});
  down.make_output(0, bias ? "Add" : "Mul", {normalized, bias ? bias : scale});
  down.erase_node();
}

void rms_norm_spelled_out(NodeConversion& down) {
  require_f32_inside(down);
  Node& node = down.node();
  Stash stash(down);
  Value* x = stash.enter(node.input(0));
  Value* normalized = down.make("Div", {x, root_of_mean_square(down, x, normalized_axes(down))});
  const DataType result = down.element_type(node.input(1));  // which may be wider than the input's
  if (result == DataType::kUndefined) down.refuse("the element type of its scale is not known");
  Value* cast = down.make("Cast", {stash.leave(normalized)}, {{"to", static_cast<int64_t>(result)}});
  down.make_output(0, "Mul", {cast, node.input(1)});
  down.erase_node();
}

// The scale of version 18 was one number a group.
void group_norm_spelled_out(NodeConversion& down) {
  require_f32_inside(down);
  Node& node = down.node();
  Stash stash(down);
  Value *shape = down.make("Shape", {node.input(0)}), *last = down.add_list({2});
  Value* groups = down.add_list({0, node.int_attribute("num_groups", 1), -1});
  Value* x = down.make("Reshape", {stash.enter(node.input(0)), groups});
  Value* deviation = down.make("Sub", {x, down.make("ReduceMean", {x, last})});
  Value* normalized = down.make("Div", {deviation, root_of_mean_square(down, deviation, last)});
  Value* channels = down.add_list({0, 0, -1});
  Value* by_channel = down.make("Reshape", {down.make("Reshape", {normalized, shape}), channels});
  const auto column = [&](size_t input) {
    return down.make("Reshape", {node.input(input), down.add_list({1, -1, 1})});
  };
  Value* scaled = down.make("Mul", {stash.leave(by_channel), column(1)});
  down.make_output(0, "Reshape", {down.make("Add", {scaled, column(2)}), shape});
  down.erase_node();
}

}  // namespace slipway::downgrade_rule
