#include "onnx/opset/node_conversion.hpp"

#include "base/error.hpp"
#include "ops/cast.hpp"

namespace slipway {

std::optional<size_t> NodeConversion::rank(const Value* value) const {
  if (!value) return std::nullopt;
  const auto& known = types_.type(value).shape();
  return known ? std::optional(known->size()) : std::nullopt;
}

std::optional<Shape> NodeConversion::shape(const Value* value) const {
  return value ? types_.type(value).shape() : std::nullopt;
}

DataType NodeConversion::element_type(const Value* value) const {
  return value ? types_.type(value).element_type() : DataType::kUndefined;
}

std::optional<std::vector<int64_t>> NodeConversion::integers(size_t input) const {
  const Tensor* known = constant(node_->input(input));
  if (!known) return std::nullopt;
  return ops::read_integers(*known, "a list");
}

std::optional<float> NodeConversion::number(size_t input) const {
  const Tensor* known = constant(node_->input(input));
  if (!known || known->count() != 1 || !is_floating_point(known->type())) return std::nullopt;
  return ops::cast_elements(*known, DataType::kFloat).data<float>()[0];
}

std::vector<int64_t> NodeConversion::from_the_front(std::vector<int64_t> axes, size_t rank) const {
  const auto all = static_cast<int64_t>(rank);
  for (int64_t& axis : axes) {
    if (axis < -all || axis >= all)
      refuse(fmt::format("axis {} lies outside its input of {} axes", axis, rank));
    if (axis < 0) axis += all;
  }
  return axes;
}

template <typename T>
std::optional<T> NodeConversion::take(std::string_view attribute) {
  Attribute* found = nullptr;
  for (Attribute& candidate : node_->attributes())
    if (candidate.name() == attribute) found = &candidate;
  if (!found) return std::nullopt;
  T* content = found->as<T>();
  if (!content)
    fail(ErrorCode::kInvalidModel, "attribute '{}' is {}, which its operator does not take", attribute,
         found->is_reference() ? "a function's parameter" : name_of(found->kind()));
  T taken = std::move(*content);
  node_->erase_attribute(attribute);
  return taken;
}

std::optional<std::vector<int64_t>> NodeConversion::take_ints(std::string_view attribute) {
  return take<std::vector<int64_t>>(attribute);
}
std::optional<std::vector<float>> NodeConversion::take_floats(std::string_view attribute) {
  return take<std::vector<float>>(attribute);
}
std::optional<int64_t> NodeConversion::take_int(std::string_view attribute) {
  return take<int64_t>(attribute);
}
std::optional<float> NodeConversion::take_float(std::string_view attribute) {
  return take<float>(attribute);
}
std::optional<std::string> NodeConversion::take_string(std::string_view attribute) {
  return take<std::string>(attribute);
}

Value* NodeConversion::add_constant(Tensor tensor) {
  const Value* named_after = node_->output(0);
  return node_->graph().add_initializer(named_after ? named_after->name() + ".constant" : "constant",
                                        std::move(tensor));
}

Value* NodeConversion::add_list(const std::vector<int64_t>& elements) {
  return add_constant(
      Tensor::from<int64_t>({static_cast<int64_t>(elements.size())}, std::span<const int64_t>(elements)));
}

Value* NodeConversion::add_scalar_like(const Value* model_of_type, float number) {
  const DataType type = element_type(model_of_type);
  const Tensor scalar = Tensor::scalar<float>(number);
  return add_constant(type == DataType::kUndefined ? scalar : ops::cast_elements(scalar, type));
}

Value* NodeConversion::add_number_like(const Value* model_of_type, float number) {
  const DataType type = element_type(model_of_type);
  if (type == DataType::kUndefined) refuse("the element type of its input is not known");
  return add_constant(ops::cast_elements(Tensor::scalar<float>(number), type));
}

Node* NodeConversion::insert(std::string op_type, std::vector<Value*> inputs, size_t output_count) {
  Node* node = node_->graph().insert_node(node_, std::move(op_type), std::move(inputs), output_count);
  node->metadata = node_->metadata;
  return node;
}

namespace {

void apply(const Settings& settings, Node& node) {
  for (const Setting& setting : settings)
    std::visit([&](const auto& content) { node.set_attribute(setting.name, content); }, setting.content);
}

}  // namespace

Value* NodeConversion::make(std::string op_type, std::vector<Value*> inputs, const Settings& settings) {
  Node* made = insert(std::move(op_type), std::move(inputs));
  apply(settings, *made);
  return made->output(0);
}

Value* NodeConversion::make_inheriting(std::string op_type, std::vector<Value*> inputs) {
  Node* made = insert(std::move(op_type), std::move(inputs));
  std::swap(made->attributes(), node_->attributes());
  return made->output(0);
}

Node* NodeConversion::make_output(size_t index, std::string op_type, std::vector<Value*> inputs,
                                  const Settings& settings) {
  Node* maker = insert(std::move(op_type), std::move(inputs), 0);
  apply(settings, *maker);
  node_->graph().move_output(node_, index, maker, 0);
  return maker;
}

void NodeConversion::become(std::string op_type, const std::vector<Value*>& inputs) {
  Graph& graph = node_->graph();
  graph.set_op_type(node_, std::move(op_type));
  graph.resize_inputs(node_, inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) graph.set_input(node_, i, inputs[i]);
}

void NodeConversion::require_unused_from(size_t output) const {
  for (; output < node_->outputs().size(); ++output)
    if (node_->output(output) && !node_->output(output)->is_unused())
      fail(ErrorCode::kInvalidModel, "its output {} is used, but the operator has no such output", output);
}

void NodeConversion::require_no_attributes() const {
  if (!node_->attributes().empty())
    fail(ErrorCode::kInvalidModel, "attribute '{}' is not one of the operator's",
         node_->attributes().front().name());
}

void NodeConversion::drop_outputs_from(size_t count) {
  if (node_->outputs().size() <= count) return;
  require_unused_from(count);
  Graph& graph = node_->graph();
  Node* shorter = graph.insert_node(node_, node_->op_type(), {node_->inputs().begin(), node_->inputs().end()},
                                    0, node_->domain(), node_->name());
  shorter->attributes() = std::move(node_->attributes());
  shorter->metadata = std::move(node_->metadata);
  shorter->preserved = std::move(node_->preserved);
  for (size_t i = 0; i < count; ++i)
    if (node_->output(i)) graph.move_output(node_, i, shorter, i);
  graph.erase(node_);
  node_ = shorter;
}

void NodeConversion::replace_by(Node* other) {
  require_unused_from(0);
  require_no_attributes();
  node_->graph().erase(node_);
  node_ = other;
}

void NodeConversion::finish(Value* value) {
  Graph& graph = node_->graph();
  Node* maker = value->producer();
  require_no_attributes();
  if (maker && &maker->graph() == &graph && maker->outputs().size() == 1 && value->is_unused()) {
    std::swap(node_->attributes(), maker->attributes());
    become(maker->op_type(), {maker->inputs().begin(), maker->inputs().end()});
    graph.erase(maker);
  } else {
    become("Identity", {value});
  }
  drop_outputs_from(1);
}

void NodeConversion::drop_inputs_from(size_t count) {
  for (size_t i = count; i < node_->inputs().size(); ++i)
    if (Value* input = node_->input(i)) dropped_inputs_.push_back(input);
  if (count < node_->inputs().size()) node_->graph().resize_inputs(node_, count);
}

void NodeConversion::erase_node() {
  for (Value* input : node_->inputs())
    if (input) dropped_inputs_.push_back(input);
  node_->graph().erase(node_);
  node_ = nullptr;
}

void NodeConversion::refuse(std::string_view reason) const {
  if (target_ < written_for_) fail(ErrorCode::kUnsupported, "{}", reason);
  fail(ErrorCode::kUnsupported,
       "{}, which cannot be said in opset {}; export the model again with a newer opset, or run it with "
       "--backend onnxruntime",
       reason, kNewestOpset);
}

}  // namespace slipway
