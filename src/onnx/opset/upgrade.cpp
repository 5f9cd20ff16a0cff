#include "onnx/opset/upgrade.hpp"

#include "base/error.hpp"
#include "ops/cast.hpp"

namespace slipway {

std::optional<size_t> Upgrade::rank(const Value* value) const {
  if (!value) return std::nullopt;
  const auto& known = types_.type(value).shape();
  return known ? std::optional(known->size()) : std::nullopt;
}

std::optional<Shape> Upgrade::shape(const Value* value) const {
  return value ? types_.type(value).shape() : std::nullopt;
}

DataType Upgrade::element_type(const Value* value) const {
  return value ? types_.type(value).element_type() : DataType::kUndefined;
}

template <typename T>
std::optional<T> Upgrade::take(std::string_view attribute) {
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

std::optional<std::vector<int64_t>> Upgrade::take_ints(std::string_view attribute) {
  return take<std::vector<int64_t>>(attribute);
}
std::optional<std::vector<float>> Upgrade::take_floats(std::string_view attribute) {
  return take<std::vector<float>>(attribute);
}
std::optional<int64_t> Upgrade::take_int(std::string_view attribute) {
  return take<int64_t>(attribute);
}
std::optional<float> Upgrade::take_float(std::string_view attribute) {
  return take<float>(attribute);
}
std::optional<std::string> Upgrade::take_string(std::string_view attribute) {
  return take<std::string>(attribute);
}

Value* Upgrade::add_constant(Tensor tensor) {
  const Value* named_after = node_->output(0);
  return node_->graph().add_initializer(named_after ? named_after->name() + ".constant" : "constant",
                                        std::move(tensor));
}

Value* Upgrade::add_list(const std::vector<int64_t>& elements) {
  return add_constant(
      Tensor::from<int64_t>({static_cast<int64_t>(elements.size())}, std::span<const int64_t>(elements)));
}

Value* Upgrade::add_scalar_like(const Value* model_of_type, float number) {
  const DataType type = element_type(model_of_type);
  const Tensor scalar = Tensor::scalar<float>(number);
  return add_constant(type == DataType::kUndefined ? scalar : ops::cast_elements(scalar, type));
}

Node* Upgrade::insert(std::string op_type, std::vector<Value*> inputs, size_t output_count) {
  return node_->graph().insert_node(node_, std::move(op_type), std::move(inputs), output_count);
}

Value* Upgrade::make(std::string op_type, std::vector<Value*> inputs, const Settings& settings) {
  Node* made = insert(std::move(op_type), std::move(inputs));
  for (const Setting& setting : settings)
    std::visit([&](const auto& content) { made->set_attribute(setting.name, content); }, setting.content);
  return made->output(0);
}

Value* Upgrade::make_inheriting(std::string op_type, std::vector<Value*> inputs) {
  Node* made = insert(std::move(op_type), std::move(inputs));
  std::swap(made->attributes(), node_->attributes());
  return made->output(0);
}

Node* Upgrade::make_output(size_t index, std::string op_type, std::vector<Value*> inputs) {
  Node* maker = insert(std::move(op_type), std::move(inputs), 0);
  node_->graph().move_output(node_, index, maker, 0);
  return maker;
}

void Upgrade::become(std::string op_type, const std::vector<Value*>& inputs) {
  Graph& graph = node_->graph();
  graph.set_op_type(node_, std::move(op_type));
  graph.resize_inputs(node_, inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) graph.set_input(node_, i, inputs[i]);
}

void Upgrade::require_unused_from(size_t output) const {
  for (; output < node_->outputs().size(); ++output)
    if (node_->output(output) && !node_->output(output)->is_unused())
      fail(ErrorCode::kInvalidModel, "its output {} is used, but the operator has no such output", output);
}

void Upgrade::require_no_attributes() const {
  if (!node_->attributes().empty())
    fail(ErrorCode::kInvalidModel, "attribute '{}' is not one of the operator's",
         node_->attributes().front().name());
}

void Upgrade::drop_outputs_from(size_t count) {
  if (node_->outputs().size() <= count) return;
  require_unused_from(count);
  Graph& graph = node_->graph();
  Node* shorter = graph.insert_node(node_, node_->op_type(), {node_->inputs().begin(), node_->inputs().end()},
                                    0, node_->domain(), node_->name());
  shorter->attributes() = std::move(node_->attributes());
  shorter->preserved = std::move(node_->preserved);
  for (size_t i = 0; i < count; ++i)
    if (node_->output(i)) graph.move_output(node_, i, shorter, i);
  graph.erase(node_);
  node_ = shorter;
}

void Upgrade::replace_by(Node* other) {
  require_unused_from(0);
  require_no_attributes();
  node_->graph().erase(node_);
  node_ = other;
}

void Upgrade::finish(Value* value) {
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

void Upgrade::refuse(std::string_view reason) const {
  fail(ErrorCode::kUnsupported,
       "{}, which cannot be said in opset {}; export the model again with a newer opset, or run it with "
       "--backend onnxruntime",
       reason, kNewestOpset);
}

}  // namespace slipway
