// The part of Graph that edits nodes.
#include "base/error.hpp"
#include "graph/graph.hpp"

namespace slipway {

void Graph::link_node(Node* node, Node* position) {
  Node* before = position ? position->previous_ : last_node_;
  node->previous_ = before;
  node->next_ = position;
  (before ? before->next_ : first_node_) = node;
  (position ? position->previous_ : last_node_) = node;
  ++node_count_;
}

void Graph::unlink_node(Node* node) {
  (node->previous_ ? node->previous_->next_ : first_node_) = node->next_;
  (node->next_ ? node->next_->previous_ : last_node_) = node->previous_;
  --node_count_;
}

Node* Graph::insert_node(Node* position, std::string op_type, std::vector<Value*> inputs, size_t output_count,
                         std::string domain, std::string name) {
  std::vector<Value*> outputs;
  outputs.reserve(output_count);
  for (size_t i = 0; i < output_count; ++i) outputs.push_back(new_value(unused_name(op_type)));
  return add_node_with_outputs(std::move(op_type), std::move(inputs), std::move(outputs), std::move(domain),
                               std::move(name), position);
}

Node* Graph::add_node_with_outputs(std::string op_type, std::vector<Value*> inputs,
                                   std::vector<Value*> outputs, std::string domain, std::string name,
                                   Node* position) {
  std::unique_ptr<Node> node(new Node(this, std::move(op_type), std::move(domain)));
  node->name_ = std::move(name);
  claim_outputs(node.get(), std::move(outputs));
  node->inputs_ = std::move(inputs);
  for (size_t i = 0; i < node->inputs_.size(); ++i)
    if (node->inputs_[i]) add_use(node->inputs_[i], node.get(), i);
  link_node(node.get(), position);
  return node.release();
}

void Graph::claim_outputs(Node* node, std::vector<Value*> outputs) {
  for (Value* output : outputs) {
    if (!output) continue;
    if (output->producer_ || output->is_input_ || output->initializer_ || output->graph_ != this) {
      for (Value* claimed : outputs)
        if (claimed && claimed->producer_ == node) claimed->producer_ = nullptr;
      fail(ErrorCode::kInvalidModel, "value '{}' is made twice, once by an operator {}{}{}", output->name_,
           node->op_type_, node->name_.empty() ? "" : " called ", node->name_);
    }
    output->producer_ = node;
  }
  node->outputs_ = std::move(outputs);
}

void Graph::set_input(Node* node, size_t index, Value* value) {
  if (index >= node->inputs_.size()) node->inputs_.resize(index + 1, nullptr);
  Value* present = node->inputs_[index];
  if (present == value) return;
  if (present) remove_use(present, node, index);
  node->inputs_[index] = value;
  if (value) add_use(value, node, index);
}

void Graph::resize_inputs(Node* node, size_t count) {
  for (size_t i = count; i < node->inputs_.size(); ++i)
    if (Value* value = node->inputs_[i]) remove_use(value, node, i);
  node->inputs_.resize(count, nullptr);
}

void Graph::set_op_type(Node* node, std::string op_type, std::string domain) {
  node->op_type_ = std::move(op_type);
  node->domain_ = std::move(domain);
}

void Graph::erase(Node* node) {
  for (const Value* output : node->outputs_)
    if (output && !output->is_unused())
      fail(ErrorCode::kInternal, "{} cannot be erased: its output '{}' is still read", node->describe(),
           output->name_);
  drop_inputs(node);
  for (Value* output : node->outputs_)
    if (output) destroy(output);
  unlink_node(node);
  delete node;
}

void Graph::move_before(Node* node, Node* position) {
  if (node == position) return;
  unlink_node(node);
  link_node(node, position);
}

void Graph::move_output(Node* from, size_t from_index, Node* to, size_t to_index) {
  if (to->output(to_index))
    fail(ErrorCode::kInternal, "{} has an output {} already", to->describe(), to_index);
  Value* value = from->outputs_.at(from_index);
  from->outputs_[from_index] = nullptr;
  if (to_index >= to->outputs_.size()) to->outputs_.resize(to_index + 1, nullptr);
  to->outputs_[to_index] = value;
  if (value) value->producer_ = to;
}

}  // namespace slipway
