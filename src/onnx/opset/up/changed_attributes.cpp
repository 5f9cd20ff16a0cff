// Operators that were renamed; attributes that were dropped, renamed, given another kind or another default.
#include <cmath>

#include "onnx/opset/node_conversion.hpp"
#include "onnx/opset/up/upgrade_rules.hpp"

namespace slipway::upgrade_rule {
namespace {

// TensorProto.DataType's names, which Cast took as text once.
constexpr std::pair<std::string_view, DataType> kTypeNames[] = {
    {"FLOAT", DataType::kFloat},
    {"UINT8", DataType::kUint8},
    {"INT8", DataType::kInt8},
    {"UINT16", DataType::kUint16},
    {"INT16", DataType::kInt16},
    {"INT32", DataType::kInt32},
    {"INT64", DataType::kInt64},
    {"STRING", DataType::kString},
    {"BOOL", DataType::kBool},
    {"FLOAT16", DataType::kFloat16},
    {"DOUBLE", DataType::kDouble},
    {"UINT32", DataType::kUint32},
    {"UINT64", DataType::kUint64},
    {"COMPLEX64", DataType::kComplex64},
    {"COMPLEX128", DataType::kComplex128},
};

}  // namespace

void cast_type_to_number(NodeConversion& upgrade) {
  const Attribute* to = upgrade.node().find_attribute("to");
  if (!to || !to->as<std::string>()) return;
  const std::string name = *upgrade.take_string("to");
  for (const auto& [spelling, type] : kTypeNames)
    if (spelling == name) return upgrade.node().set_attribute("to", static_cast<int64_t>(type));
  upgrade.refuse("attribute 'to' names the type '" + name + "'");
}

void concat_axis_stated(NodeConversion& upgrade) {
  if (!upgrade.node().find_attribute("axis")) upgrade.node().set_attribute("axis", int64_t{1});
}

// RoiAlign had no other way than this one before it became a choice.
void coordinates_not_shifted(NodeConversion& upgrade) {
  upgrade.node().set_attribute("coordinate_transformation_mode", "output_half_pixel");
}

// A hint to the first runtimes that an input's memory may be reused.
void drop_consumed_inputs(NodeConversion& upgrade) {
  upgrade.node().erase_attribute("consumed_inputs");
}

// It said whether a recurrent operator's first output is wanted, which is told by its being there.
void drop_output_sequence(NodeConversion& upgrade) {
  upgrade.node().erase_attribute("output_sequence");
}

// GridSample's names are no longer those of two axes.
void interpolation_modes_renamed(NodeConversion& upgrade) {
  const auto mode = upgrade.take_string("mode");
  if (mode == "nearest") upgrade.node().set_attribute("mode", "nearest");
  if (mode == "bicubic") upgrade.node().set_attribute("mode", "cubic");
}

void norm_order_to_int(NodeConversion& upgrade) {
  const auto p = upgrade.take_float("p");
  if (!p) return;
  if (!(*p >= 1 && *p < 1e6f) || std::floor(*p) != *p)
    upgrade.refuse("attribute 'p' is not a whole number of at least 1");
  upgrade.node().set_attribute("p", static_cast<int64_t>(*p));
}

void pad_paddings_renamed(NodeConversion& upgrade) {
  if (auto paddings = upgrade.take_ints("paddings"))
    upgrade.node().set_attribute("pads", std::move(*paddings));
}

// Deprecated in opset 11 for the same operator under another name.
void scatter_renamed(NodeConversion& upgrade) {
  const auto inputs = upgrade.node().inputs();
  upgrade.become("ScatterElements", {inputs.begin(), inputs.end()});
}

// The defaults had fewer digits.
void selu_constants_stated(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  if (!node.find_attribute("alpha")) node.set_attribute("alpha", 1.6732f);
  if (!node.find_attribute("gamma")) node.set_attribute("gamma", 1.0507f);
}

void split_input_to_attribute(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  if (!node.find_attribute("axis")) node.set_attribute("axis", int64_t{0});
  if (const Value* sizes = node.input(1)) {
    const Tensor* known = upgrade.constant(sizes);
    if (!known) upgrade.refuse("input 'split' is computed");
    node.set_attribute("split", ops::read_integers(*known, "input 'split'"));
    node.graph().resize_inputs(&node, 1);
  }
}

void split_output_count_stated(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  if (!node.input(1)) node.set_attribute("num_outputs", static_cast<int64_t>(node.outputs().size()));
}

}  // namespace slipway::upgrade_rule
