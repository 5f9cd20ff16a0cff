// Operators that said the same in another way.
#include <algorithm>
#include <limits>

#include "onnx/opset/down/downgrade_rules.hpp"
#include "onnx/opset/node_conversion.hpp"
#include "ops/cast.hpp"

namespace slipway::downgrade_rule {
namespace {

// The permutation that brings `axis` to the end; it is its own inverse.
std::vector<int64_t> exchanged_with_last(size_t rank, size_t axis) {
  std::vector<int64_t> permutation(rank);
  for (size_t i = 0; i < rank; ++i) permutation[i] = static_cast<int64_t>(i);
  std::swap(permutation[axis], permutation[rank - 1]);
  return permutation;
}

}  // namespace

void batch_norm_without_training(NodeConversion& down) {
  drop_training_mode(down);
  down.drop_outputs_from(1);
}

void constant_as_tensor(NodeConversion& down) {
  if (down.node().find_attribute("value")) return;
  const Tensor* tensor = down.constant(down.node().output(0));
  if (!tensor) down.refuse("its value is not known");
  down.node().attributes().clear();
  down.node().set_attribute("value", Boxed<Constant>(Constant{*tensor, "", {}}));
}

void constant_of_shape_to_expand(NodeConversion& down) {
  Tensor value = Tensor::scalar<float>(0);
  if (const Attribute* stated = down.node().find_attribute("value"))
    value = stated->as<Constant>()->tensor.reshaped({});
  down.node().attributes().clear();
  down.become("Expand", {down.add_constant(value), down.node().input(0)});
}

// The mask had the type of the data.
void dropout_without_mask(NodeConversion& down) {
  if (!down.node().output(1) || down.node().output(1)->is_unused()) down.drop_outputs_from(1);
}

void gemm_with_addend(NodeConversion& down) {
  if (!down.node().input(2)) down.set_input(2, down.add_number_like(down.node().input(0), 0));
}

// GridSample's names were those of two axes, which were all it knew.
void grid_sample_of_two_axes(NodeConversion& down) {
  if (down.target() < 16) return;  // there was none
  if (down.rank(down.node().input(0)) != 4) down.refuse("its input is not known to be pictures, of 4 axes");
  const std::string mode = down.node().string_attribute("mode", "linear");
  down.node().set_attribute("mode", mode == "nearest" ? mode : "bi" + mode);
}

// What is no optional has its element.
void optional_has_element_of_optional(NodeConversion& down) {
  const Value* input = down.node().input(0);
  if (input && (down.type(input).is_none() || down.type(input).kind() == Type::Kind::kOptional)) return;
  down.become("Identity", {down.add_constant(Tensor::scalar<bool>(input != nullptr))});
}

void optional_get_element_of_optional(NodeConversion& down) {
  Value* input = down.node().input(0);
  if (down.type(input).is_tensor() || down.type(input).kind() == Type::Kind::kSequence)
    down.become("Identity", {input});
}

// Pads of some axes become pads of all.
void pad_every_axis(NodeConversion& down) {
  Node& node = down.node();
  if (!node.input(3)) return down.drop_inputs_from(3);
  const auto rank = down.rank(node.input(0));
  auto axes = down.integers(3);
  if (!rank || !axes) down.refuse("input 'axes' is computed, or the rank of its input is not known");
  axes = down.from_the_front(*std::move(axes), *rank);
  const size_t named = axes->size();
  for (size_t i = 0; i < named; ++i) axes->push_back((*axes)[i] + static_cast<int64_t>(*rank));
  const auto pads = down.integers(1);
  Value* full = nullptr;
  if (pads && pads->size() == axes->size()) {
    std::vector<int64_t> spread(2 * *rank, 0);
    for (size_t i = 0; i < axes->size(); ++i) spread[static_cast<size_t>((*axes)[i])] = (*pads)[i];
    full = down.add_list(spread);
  } else {
    full = down.make("ScatterElements", {down.add_list(std::vector<int64_t>(2 * *rank, 0)),
                                         down.add_list(*axes), node.input(1)});
  }
  down.drop_inputs_from(3);
  down.set_input(1, full);
}

void pow_of_one_type(NodeConversion& down) {
  Node& node = down.node();
  const DataType base = down.element_type(node.input(0)), exponent = down.element_type(node.input(1));
  if (base == exponent || !is_floating_point(base)) return;
  down.set_input(1, down.make("Cast", {node.input(1)}, {{"to", static_cast<int64_t>(base)}}));
}

// The type of what is quantised was told by the zero point alone.
void quantize_without_blocks(NodeConversion& down) {
  drop_block_size(down);
  const auto type = down.take_int("output_dtype").value_or(0);
  if (down.node().input(2) || type == 0 || type == static_cast<int64_t>(DataType::kUint8)) return;
  const Type& scale = down.type(down.node().input(1));
  if (!is_data_type(type) || !scale.shape() || !all_known(*scale.shape()))
    down.refuse("attribute 'output_dtype' came later, and the shape of a zero point is not known");
  Tensor zeros(DataType::kFloat, known_dims(*scale.shape()));
  std::fill(zeros.data<float>().begin(), zeros.data<float>().end(), 0.0f);
  down.set_input(2, down.add_constant(ops::cast_elements(zeros, static_cast<DataType>(type))));
}

// RNN, GRU and LSTM had sequences first, batches second.
void recurrent_sequences_first(NodeConversion& down) {
  Node& node = down.node();
  if (down.take_int("layout").value_or(0) == 0) return;
  const auto exchanged = [&](Value* value) {
    return down.make("Transpose", {value}, {{"perm", std::vector<int64_t>{1, 0, 2}}});
  };
  down.set_input(0, exchanged(node.input(0)));
  for (size_t state : {5u, 6u})
    if (node.input(state)) down.set_input(state, exchanged(node.input(state)));
  std::vector<Value*> inputs(node.inputs().begin(), node.inputs().end());
  Node* inner = down.insert(node.op_type(), inputs, node.outputs().size());
  std::swap(inner->attributes(), node.attributes());
  for (size_t i = 0; i < inner->outputs().size(); ++i) {
    if (!node.output(i)) continue;
    const std::vector<int64_t> back =
        i == 0 ? std::vector<int64_t>{2, 0, 1, 3} : std::vector<int64_t>{1, 0, 2};
    down.make_output(i, "Transpose", {inner->output(i)}, {{"perm", back}});
  }
  down.erase_node();
}

void scatter_elements_to_scatter(NodeConversion& down) {
  const auto inputs = down.node().inputs();
  down.become("Scatter", {inputs.begin(), inputs.end()});
}

void shape_then_slice(NodeConversion& down) {
  Node& node = down.node();
  const auto start = down.take_int("start"), end = down.take_int("end");
  if (!start && !end) return;
  Value* shape = down.make("Shape", {node.input(0)});
  down.become("Slice",
              {shape, down.add_list({start.value_or(0)}),
               down.add_list({end.value_or(std::numeric_limits<int64_t>::max())}), down.add_list({0})});
}

// A tensor of any rank was flattened at the axis, and the rows were normalised: the axis has to be the last.
void softmax_along_last_axis(NodeConversion& down) {
  Node& node = down.node();
  const int64_t axis = node.int_attribute("axis", -1);
  const auto rank = down.rank(node.input(0));
  if (!rank && axis == -1 && down.target() >= 11) return node.set_attribute("axis", int64_t{-1});
  if (!rank) down.refuse("the rank of its input is not known");
  const auto counted = static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(*rank) : axis);
  if (*rank == 0 || counted >= *rank) down.refuse("its input has no such axis");
  if (counted + 1 == *rank) return node.set_attribute("axis", static_cast<int64_t>(counted));
  const std::vector<int64_t> exchange = exchanged_with_last(*rank, counted);
  Value* moved = down.make("Transpose", {node.input(0)}, {{"perm", exchange}});
  Value* normalized = down.make(node.op_type(), {moved}, {{"axis", int64_t{-1}}});
  node.attributes().clear();
  down.become("Transpose", {normalized});
  node.set_attribute("perm", exchange);
}

// The number of parts was told by the outputs, and they were equal.
void split_by_sizes(NodeConversion& down) {
  Node& node = down.node();
  const auto parts = down.take_int("num_outputs");
  if (!parts || node.input(1)) return;
  if (*parts != std::ssize(node.outputs()))
    down.refuse("attribute 'num_outputs' is not the number of its outputs");
  const int64_t axis = node.int_attribute("axis", 0), count = *parts;
  const auto& shape = down.type(node.input(0)).shape();
  const int64_t counted = axis < 0 && shape ? axis + static_cast<int64_t>(shape->size()) : axis;
  if (shape && counted >= 0 && counted < static_cast<int64_t>(shape->size()) &&
      (*shape)[static_cast<size_t>(counted)].is_known()) {
    const int64_t size = (*shape)[static_cast<size_t>(counted)].value();
    if (size % count == 0) return;
    // Parts that the elements do not reach are empty: the standard does not say what they are.
    std::vector<int64_t> sizes;
    for (int64_t left = size, part = (size + count - 1) / count; std::ssize(sizes) < count;
         left -= sizes.back())
      sizes.push_back(std::min(part, left));
    return down.set_input(1, down.add_list(sizes));
  }
  const int64_t end = axis == -1 ? std::numeric_limits<int64_t>::max() : axis + 1;
  Value* size = down.make("Shape", {node.input(0)}, {{"start", axis}, {"end", end}});
  Value* rounded = down.make("Add", {size, down.add_list({count - 1})});
  Value* part = down.make("Div", {rounded, down.add_list({count})});
  Value* before = down.make("Mul", {part, down.add_list({count - 1})});
  std::vector<Value*> sizes(static_cast<size_t>(count), part);
  sizes.back() = down.make("Sub", {size, before});
  down.set_input(1, down.make("Concat", std::move(sizes), {{"axis", int64_t{0}}}));
}

// Max, Min, Mean and Sum took tensors of one shape alone.
void without_broadcasting(NodeConversion& down) {
  Node& node = down.node();
  bool equal = true;
  for (const Value* input : node.inputs()) {
    const auto &shape = down.type(input).shape(), &first = down.type(node.input(0)).shape();
    equal = equal && shape && first && *shape == *first;
  }
  if (equal || node.inputs().size() == 1) return;
  if (node.op_type() != "Sum") down.refuse("the shapes of its inputs are not known to be equal");
  Value* sum = node.input(0);
  for (size_t i = 1; i + 1 < node.inputs().size(); ++i) sum = down.make("Add", {sum, node.input(i)});
  down.become("Add", {sum, node.input(node.inputs().size() - 1)});
}

}  // namespace slipway::downgrade_rule
