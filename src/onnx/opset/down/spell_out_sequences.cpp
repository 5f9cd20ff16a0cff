// What goes on step by step: SequenceMap as a loop, products of all elements before as a scan, and a
// convolution with a state as one without.
#include <limits>
#include <memory>

#include "onnx/opset/down/downgrade_rules.hpp"
#include "onnx/opset/node_conversion.hpp"

namespace slipway::downgrade_rule {
namespace {

// Makes a body that maps elements one that a Loop runs: `mapped` are what SequenceMap was given.
void make_loop_body(Graph& body, const std::vector<Value*>& mapped, const std::vector<Type>& results,
                    const std::function<bool(const Value*)>& is_sequence) {
  const std::vector<Value*> parameters = body.inputs(), made = body.outputs();
  for (Value* parameter : parameters) body.remove_input(parameter);
  while (!body.outputs().empty()) body.remove_output(0);
  Value* round = body.add_input("round", Type::tensor(DataType::kInt64, Shape{}));
  Value* go_on = body.add_input("go_on", Type::tensor(DataType::kBool, Shape{}));
  Node* first = body.first_node();
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (is_sequence(mapped[i]))
      body.add_node_with_outputs("SequenceAt", {mapped[i], round}, {parameters[i]}, "", "", first);
    else
      body.add_node_with_outputs("Identity", {mapped[i]}, {parameters[i]}, "", "", first);
  }
  body.add_output(body.add_node("Identity", {go_on})->output(0));
  for (size_t i = 0; i < made.size(); ++i) {
    Value* so_far = body.add_input("so_far", results[i]);
    body.add_output(body.add_node("SequenceInsert", {so_far, made[i]})->output(0));
  }
}

}  // namespace

void sequence_map_to_loop(NodeConversion& down) {
  Node& node = down.node();
  std::vector<Value*> mapped(node.inputs().begin(), node.inputs().end()), state;
  std::vector<Type> results;
  for (const Value* output : node.outputs()) {
    const Type type = output ? down.type(output) : Type();
    if (type.kind() != Type::Kind::kSequence || !type.inner().is_tensor())
      down.refuse("the types of its outputs are not known");
    results.push_back(Type::sequence(Type::tensor(type.inner().element_type())));
    const auto number = static_cast<int64_t>(type.inner().element_type());
    state.push_back(down.make("SequenceEmpty", {}, {{"dtype", number}}));
  }
  std::unique_ptr<Graph> body;
  for (Attribute& attribute : node.attributes())
    if (auto* graph = attribute.as<std::unique_ptr<Graph>>()) body = std::move(*graph);
  if (!body || body->inputs().size() != mapped.size() || body->outputs().size() != results.size())
    down.refuse("its body does not fit its inputs and outputs");
  make_loop_body(*body, mapped, results,
                 [&](const Value* value) { return down.type(value).kind() == Type::Kind::kSequence; });
  node.attributes().clear();
  node.set_attribute("body", std::move(body));
  state.insert(state.begin(), {down.make("SequenceLength", {mapped[0]}), nullptr});
  down.become("Loop", state);
}

// The state is what stands in front of the input; each channel is a group of its own.
void causal_conv_spelled_out(NodeConversion& down) {
  Node& node = down.node();
  const auto& weights = down.type(node.input(1)).shape();
  if (!weights || weights->size() != 3 || !(*weights)[0].is_known() || !(*weights)[2].is_known())
    down.refuse("the shape of its weights is not known");
  const int64_t past = (*weights)[2].value() - 1;
  Value* line = node.input(3) ? down.make("Concat", {node.input(3), node.input(0)}, {{"axis", int64_t{2}}})
                              : down.make("Pad", {node.input(0), down.add_list({0, 0, past, 0, 0, 0})});
  std::vector<Value*> inputs{line, node.input(1)};
  if (node.input(2)) inputs.push_back(node.input(2));
  const bool swish = node.string_attribute("activation", "none") != "none";
  const Setting groups{"group", (*weights)[0].value()};
  if (swish) {
    Value* sum = down.make("Conv", inputs, {groups});
    down.make_output(0, "Mul", {sum, down.make("Sigmoid", {sum})});
  } else {
    down.make_output(0, "Conv", inputs, {groups});
  }
  constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  if (node.output(1))
    down.make_output(
        1, "Slice",
        {line, down.add_list({past == 0 ? kEnd : -past}), down.add_list({kEnd}), down.add_list({2})});
  down.erase_node();
}

// The state is the product so far, of one slice.
void cumulative_product_spelled_out(NodeConversion& down) {
  Node& node = down.node();
  Value* input = node.input(0);
  const auto axes = down.integers(1);
  const auto shape = down.shape(input);
  const DataType type = down.element_type(input);
  if (!axes || axes->size() != 1) down.refuse("input 'axis' is computed, and Scan's axes are attributes");
  if (!shape || type == DataType::kUndefined) down.refuse("the type or rank of its input is not known");
  if (down.target() < 9) down.refuse("Scan went along the second axis only then");
  const size_t axis = static_cast<size_t>(down.from_the_front(*axes, shape->size()).front());
  const bool exclusive = down.take_int("exclusive").value_or(0) != 0;
  const bool reverse = down.take_int("reverse").value_or(0) != 0;

  auto body = std::make_unique<Graph>("step");
  const auto named = [&](const char* like) { return node.graph().unused_name(like); };
  Value* before = body->add_input(named("product_before"), Type::tensor(type));
  Value* factor = body->add_input(named("factor"), Type::tensor(type));
  Value* product = body->add_node("Mul", {before, factor})->output(0);
  Value* shown = body->add_node("Identity", {exclusive ? before : product})->output(0);
  body->rename(product, named("product"));
  body->rename(shown, named("product_shown"));
  body->add_output(product);
  body->add_output(shown);

  Value* sizes = down.make(
      "Shape", {down.make("Gather", {input, down.add_number(0)}, {{"axis", static_cast<int64_t>(axis)}})});
  Node* scan = down.insert("Scan", {down.make("Expand", {down.add_number_like(input, 1), sizes}), input}, 2);
  scan->set_attribute("num_scan_inputs", int64_t{1});
  for (const char* name : {"scan_input_axes", "scan_output_axes"})
    if (axis != 0) scan->set_attribute(name, std::vector<int64_t>{static_cast<int64_t>(axis)});
  for (const char* name : {"scan_input_directions", "scan_output_directions"})
    if (reverse) scan->set_attribute(name, std::vector<int64_t>{1});
  scan->set_attribute("body", std::move(body));
  down.make_output(0, "Identity", {scan->output(1)});
  down.erase_node();
}

}  // namespace slipway::downgrade_rule
