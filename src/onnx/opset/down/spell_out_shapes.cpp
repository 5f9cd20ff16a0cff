// Operators that came later, in terms of older ones: those that make or cut grids, ranges and windows.
#include <cmath>
#include <limits>
#include <numbers>

#include "onnx/opset/down/downgrade_rules.hpp"
#include "onnx/opset/node_conversion.hpp"

namespace slipway::downgrade_rule {
namespace {

constexpr auto kF32 = static_cast<int64_t>(DataType::kFloat);

Value* integer(NodeConversion& down, int64_t number) {
  return down.add_constant(Tensor::scalar<int64_t>(number));
}

// 0, 1, … below a scalar.
Value* counted(NodeConversion& down, Value* count) {
  return down.make("Range", {integer(down, 0), count, integer(down, 1)});
}

Value* extent(NodeConversion& down, Value* tensor, int64_t axis) {
  const int64_t end = axis == -1 ? std::numeric_limits<int64_t>::max() : axis + 1;
  Value* list = down.make("Shape", {tensor}, {{"start", axis}, {"end", end}});
  return down.make("Squeeze", {list, down.add_list({0})});
}

// The positions of AffineGrid along an axis of `length` (a scalar): [length], from -1 to 1.
Value* positions(NodeConversion& down, Value* length, DataType type, bool corners) {
  const auto to = static_cast<int64_t>(type);
  Value* step = down.make("Cast", {counted(down, length)}, {{"to", to}});
  const auto number = [&](float value) { return down.add_number_like(down.node().input(0), value); };
  Value* size = down.make("Cast", {length}, {{"to", to}});
  Value* twice = down.make("Mul", {step, number(2)});
  if (!corners) {
    Value* middle = down.make("Div", {down.make("Add", {twice, number(1)}), size});
    return down.make("Sub", {middle, number(1)});
  }
  // An axis of one position has it at -1.
  Value* steps = down.make("Max", {down.make("Sub", {size, number(1)}), number(1)});
  return down.make("Sub", {down.make("Div", {twice, steps}), number(1)});
}

struct Window {
  float constant, once, twice;
};

// constant - once cos(2πi/n) + twice cos(4πi/n)
void window_spelled_out(NodeConversion& down, const Window& window) {
  Node& node = down.node();
  const int64_t type = down.take_int("output_datatype").value_or(kF32);
  const bool periodic = down.take_int("periodic").value_or(1) != 0;
  const auto number = [&](float value) { return down.add_constant(Tensor::scalar<float>(value)); };
  Value* size =
      down.make("Squeeze", {down.make("Reshape", {node.input(0), down.add_list({1})}), down.add_list({0})});
  Value* count = down.make("Cast", {size}, {{"to", kF32}});
  Value* place = down.make("Range", {number(0), count, number(1)});
  Value* length = periodic ? count : down.make("Sub", {count, number(1)});
  Value* turn = down.make("Mul", {place, down.make("Div", {number(2 * std::numbers::pi_v<float>), length})});
  Value* once = down.make("Mul", {down.make("Cos", {turn}), number(window.once)});
  Value* sum = down.make("Sub", {number(window.constant), once});
  if (window.twice != 0) {
    Value* doubled = down.make("Cos", {down.make("Mul", {turn, number(2)})});
    sum = down.make("Add", {sum, down.make("Mul", {doubled, number(window.twice)})});
  }
  down.become("Cast", {sum});
  node.set_attribute("to", type);
}

}  // namespace

// The grid's points are [x, y, 1] or [x, y, z, 1]; theta maps each.
void affine_grid_spelled_out(NodeConversion& down) {
  Node& node = down.node();
  const DataType type = down.element_type(node.input(0));
  const auto sizes = down.elements(node.input(1));
  if (type == DataType::kUndefined || !sizes || (sizes->size() != 4 && sizes->size() != 5))
    down.refuse("the type of its input or the number of its sizes is not known");
  const bool corners = node.int_attribute("align_corners", 0) != 0;
  const auto axes = static_cast<int64_t>(sizes->size()) - 2;
  Value* spatial = down.make("Slice", {node.input(1), down.add_list({2}), down.add_list({2 + axes})});
  Value* volume = down.make("Concat", {spatial, down.add_list({1})}, {{"axis", int64_t{0}}});
  std::vector<Value*> coordinates;
  for (int64_t axis = axes - 1; axis >= 0; --axis) {  // x is the last axis
    Value* length = down.make("Gather", {node.input(1), integer(down, 2 + axis)});
    std::vector<int64_t> aligned(static_cast<size_t>(axes) + 1, 1);
    aligned[static_cast<size_t>(axis)] = -1;
    Value* line = down.make("Reshape", {positions(down, length, type, corners), down.add_list(aligned)});
    coordinates.push_back(down.make("Expand", {line, volume}));
  }
  coordinates.push_back(down.make("Expand", {down.add_number_like(node.input(0), 1), volume}));
  Value* points = down.make("Concat", std::move(coordinates), {{"axis", int64_t{-1}}});
  Value* list = down.make("Reshape", {points, down.add_list({-1, axes + 1})});
  Value* map = down.make("Transpose", {node.input(0)}, {{"perm", std::vector<int64_t>{0, 2, 1}}});
  Value* images = down.make("Slice", {node.input(1), down.add_list({0}), down.add_list({1})});
  Value* shape = down.make("Concat", {images, spatial, down.add_list({axes})}, {{"axis", int64_t{0}}});
  node.attributes().clear();
  down.become("Reshape", {down.make("MatMul", {list, map}), shape});
}

// Cuts or pads each axis around its middle.
void center_crop_pad_spelled_out(NodeConversion& down) {
  Node& node = down.node();
  Value *shape = down.make("Shape", {node.input(0)}), *wanted = node.input(1), *two = down.add_list({2});
  if (const auto axes = down.take_ints("axes"))
    wanted = down.make("ScatterElements", {shape, down.add_list(*axes), wanted});
  Value* padded_shape = down.make("Max", {shape, wanted});
  Value* missing = down.make("Sub", {padded_shape, shape});
  Value* front = down.make("Div", {missing, two});
  Value* pads = down.make("Concat", {front, down.make("Sub", {missing, front})}, {{"axis", int64_t{0}}});
  Value* padded = down.make("Pad", {node.input(0), pads});
  Value* start = down.make("Div", {down.make("Sub", {padded_shape, wanted}), two});
  node.attributes().clear();
  down.become("Slice", {padded, start, down.make("Add", {start, wanted})});
}

// In f32, and rounded then.
void range_of_narrow_floats_spelled_out(NodeConversion& down) {
  Node& node = down.node();
  node.erase_attribute("stash_type");
  const DataType type = down.element_type(node.input(0));
  if (type != DataType::kFloat16 && type != DataType::kBfloat16) return;
  std::vector<Value*> wide;
  for (Value* input : node.inputs()) wide.push_back(down.make("Cast", {input}, {{"to", kF32}}));
  down.become("Cast", {down.make("Range", std::move(wide))});
  node.set_attribute("to", static_cast<int64_t>(type));
}

// Keeps what lies on one side of a diagonal.
void trilu_spelled_out(NodeConversion& down) {
  Node& node = down.node();
  Value* x = node.input(0);
  const DataType type = down.element_type(x);
  if (type == DataType::kUndefined) down.refuse("the element type of its input is not known");
  const bool upper = node.int_attribute("upper", 1) != 0;
  Value* rows = down.make("Unsqueeze", {counted(down, extent(down, x, -2)), down.add_list({1})});
  if (node.input(1))
    rows = down.make("Add", {rows, down.make("Reshape", {node.input(1), down.add_list({1})})});
  Value* columns = counted(down, extent(down, x, -1));
  Value* kept = down.make(upper ? "GreaterOrEqual" : "LessOrEqual", {columns, rows});
  Value* zero =
      down.make("Cast", {down.add_constant(Tensor::scalar<float>(0))}, {{"to", static_cast<int64_t>(type)}});
  node.attributes().clear();
  down.become("Where", {kept, x, zero});
}

void blackman_window_spelled_out(NodeConversion& down) {
  window_spelled_out(down, {0.42f, 0.5f, 0.08f});
}

void hamming_window_spelled_out(NodeConversion& down) {
  window_spelled_out(down, {25.0f / 46, 21.0f / 46, 0});
}

void hann_window_spelled_out(NodeConversion& down) {
  window_spelled_out(down, {0.5f, 0.5f, 0});
}

}  // namespace slipway::downgrade_rule
