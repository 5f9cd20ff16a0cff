// Normalisations that came later, in terms of older operators: their inner arithmetic is in f32, as theirs
// was.
#include <algorithm>
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

Value* filled(NodeConversion& down, int64_t count, float number) {
  Tensor tensor(DataType::kFloat, {count});
  for (float& element : tensor.data<float>()) element = number;
  return down.add_constant(std::move(tensor));
}

// The sizes of a value for a Reshape of what has its first axis: a list of numbers, unless several of the
// others are not known.
Value* sizes_of(NodeConversion& down, Value* value) {
  const auto shape = down.shape(value);
  std::vector<int64_t> sizes{0};
  for (size_t axis = 1; shape && axis < shape->size(); ++axis)
    sizes.push_back((*shape)[axis].is_known() ? (*shape)[axis].value() : -1);
  const bool open =
      std::count(sizes.begin(), sizes.end(), -1) > 1 || std::count(sizes.begin(), sizes.end(), 0) > 1;
  return !shape || open ? down.make("Shape", {value}) : down.add_list(sizes);
}

// The input, one number a channel, as it broadcasts over the axes behind the channels.
Value* by_channel(NodeConversion& down, size_t input) {
  Value* numbers = down.node().input(input);
  const auto rank = down.rank(down.node().input(0));
  if (!rank) down.refuse("the rank of its input is not known");
  std::vector<int64_t> sizes(*rank - 1, 1);
  sizes.front() = -1;
  const Tensor* constant = down.constant(numbers);
  if (!constant) return down.make("Reshape", {numbers, down.add_list(sizes)});
  sizes.front() = constant->count();
  return down.add_constant(constant->reshaped(sizes));
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

bool is_zero(const Value* value) {
  const Tensor* constant = value ? value->constant() : nullptr;
  return constant && constant->type() == DataType::kFloat &&
         std::ranges::all_of(constant->data<float>(), [](float number) { return number == 0; });
}

// The scale of version 18 was one number a group.
void group_norm_spelled_out(NodeConversion& down) {
  require_f32_inside(down);
  Node& node = down.node();
  Stash stash(down);
  Value* x = node.input(0);
  const int64_t count = node.int_attribute("num_groups", 1);
  Value* groups = down.make("Reshape", {stash.enter(x), down.add_list({0, count, -1})});
  Value* normalized =
      down.make("InstanceNormalization", {groups, filled(down, count, 1), filled(down, count, 0)},
                {{"epsilon", node.float_attribute("epsilon", 1e-5f)}});
  Value* shaped = stash.leave(down.make("Reshape", {normalized, sizes_of(down, x)}));
  if (is_zero(node.input(2))) {
    down.make_output(0, "Mul", {shaped, by_channel(down, 1)});
  } else {
    Value* scaled = down.make("Mul", {shaped, by_channel(down, 1)});
    down.make_output(0, "Add", {scaled, by_channel(down, 2)});
  }
  down.erase_node();
}

}  // namespace slipway::downgrade_rule
