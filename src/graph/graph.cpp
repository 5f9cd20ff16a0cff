#include "graph/graph.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace slipway {

Graph::Graph(std::string name, Node* owner) : name_(std::move(name)), owner_(owner) {}

Graph::~Graph() {
  dying_ = true;
  for (Value* output : outputs_) release_output(output);
  for (Node* node = first_node_; node;) {
    Node* next = node->next_;
    drop_inputs(node);
    delete node;
    node = next;
  }
  for (Value* value = first_value_; value;) {
    Value* next = value->next_;
    delete value;
    value = next;
  }
}

// --- names

Value* Graph::find_value(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

Value* Graph::resolve_value(std::string_view name) const {
  for (const Graph* graph = this; graph; graph = graph->parent())
    if (Value* value = graph->find_value(name)) return value;
  return nullptr;
}

std::string Graph::unused_name(std::string_view like) {
  if (like.empty()) like = "value";
  std::string name(like);
  while (resolve_value(name)) name = fmt::format("{}_{}", like, ++next_name_);
  return name;
}

void Graph::rename(Value* value, std::string name) {
  if (name == value->name_) return;
  if (name.empty() || find_value(name))
    fail(ErrorCode::kInternal, "value '{}' cannot be renamed to '{}': the name is taken or empty",
         value->name_, name);
  names_.erase(value->name_);
  value->name_ = std::move(name);
  names_.emplace(value->name_, value);
}

// --- values

Value* Graph::new_value(std::string name) {
  auto* value = new Value(this, std::move(name));
  names_.emplace(value->name_, value);
  value->previous_ = last_value_;
  (last_value_ ? last_value_->next_ : first_value_) = value;
  last_value_ = value;
  return value;
}

void Graph::destroy(Value* value) {
  names_.erase(value->name_);
  (value->previous_ ? value->previous_->next_ : first_value_) = value->next_;
  (value->next_ ? value->next_->previous_ : last_value_) = value->previous_;
  delete value;
}

Value* Graph::add_value(std::string name, Type type) {
  if (name.empty() || find_value(name)) name = unused_name(name);
  Value* value = new_value(std::move(name));
  value->type_ = std::move(type);
  return value;
}

Value* Graph::add_input(std::string name, Type type) {
  Value* value = add_value(std::move(name), std::move(type));
  make_input(value);
  return value;
}

void Graph::make_input(Value* value) {
  if (value->producer_ || value->is_input_ || value->graph_ != this)
    fail(ErrorCode::kInternal, "value '{}' cannot become an input of graph '{}': it is made elsewhere",
         value->name_, name_);
  value->is_input_ = true;
  inputs_.push_back(value);
}

void Graph::remove_input(Value* value) {
  const auto position = std::find(inputs_.begin(), inputs_.end(), value);
  if (position == inputs_.end())
    fail(ErrorCode::kInternal, "value '{}' is not an input of graph '{}'", value->name_, name_);
  inputs_.erase(position);
  value->is_input_ = false;
}

void Graph::erase(Value* value) {
  if (!value->is_unused() || value->producer_)
    fail(ErrorCode::kInternal, "value '{}' cannot be erased: it is {}", value->name_,
         value->producer_ ? "made by a node" : "still read");
  if (value->is_input_) remove_input(value);
  remove_initializer(value);
  destroy(value);
}

// --- initializers

Value* Graph::add_initializer(std::string name, Tensor tensor) {
  Value* value = add_value(std::move(name));
  set_initializer(value, Constant{std::move(tensor), {}, {}});
  return value;
}

void Graph::set_initializer(Value* value, Constant constant) {
  if (value->producer_ || value->graph_ != this)
    fail(ErrorCode::kInternal, "value '{}' cannot become a constant of graph '{}': it is made elsewhere",
         value->name_, name_);
  if (!value->initializer_) {
    value->initializer_position_ = static_cast<uint32_t>(initializers_.size());
    initializers_.push_back(value);
  }
  // An input's declared type says what else may be fed in its place.
  if (!value->is_input_ || value->type_.is_none()) {
    const Dims& dims = constant.tensor.dims();
    Type type = Type::tensor(constant.tensor.type(), Shape(dims.begin(), dims.end()));
    if (!(type == value->type_)) value->set_type(std::move(type));
  }
  value->initializer_ = std::make_unique<Constant>(std::move(constant));
}

void Graph::remove_initializer(Value* value) {
  if (!value->initializer_) return;
  value->initializer_.reset();
  initializers_[value->initializer_position_] = nullptr;
  // Closing the gap each time would make the removal of all of them quadratic.
  if (++removed_initializers_ * 2 > initializers_.size()) compact_initializers();
}

void Graph::compact_initializers() {
  std::erase(initializers_, nullptr);
  removed_initializers_ = 0;
  for (size_t i = 0; i < initializers_.size(); ++i)
    initializers_[i]->initializer_position_ = static_cast<uint32_t>(i);
}

std::vector<Value*> Graph::initializers() const {
  std::vector<Value*> present = initializers_;
  std::erase(present, nullptr);
  return present;
}

// --- outputs

void Graph::add_output(Value* value) {
  outputs_.push_back(value);
  ++value->output_count_;
}

void Graph::set_output(size_t index, Value* value) {
  ++value->output_count_;
  release_output(outputs_.at(index));
  outputs_[index] = value;
}

void Graph::remove_output(size_t index) {
  release_output(outputs_.at(index));
  outputs_.erase(outputs_.begin() + static_cast<std::ptrdiff_t>(index));
}

void Graph::release_output(Value* value) {
  if (!value->graph_->dying_) --value->output_count_;
}

// --- uses

void Graph::add_use(Value* value, Node* node, size_t index) {
  value->uses_.add({node, static_cast<uint32_t>(index)});
}

void Graph::remove_use(Value* value, Node* node, size_t index) {
  if (!value->graph_->dying_) value->uses_.remove({node, static_cast<uint32_t>(index)});
}

void Graph::drop_inputs(Node* node) {
  for (size_t i = 0; i < node->inputs_.size(); ++i)
    if (Value* value = node->inputs_[i]) remove_use(value, node, i);
  node->inputs_.clear();
}

namespace {

// A subgraph may state a value from outside as its output.
void replace_outputs_inside(Graph& graph, const Value* from, Value* to) {
  std::vector<Graph*> pending = {&graph};
  while (!pending.empty()) {
    Graph* current = pending.back();
    pending.pop_back();
    for (size_t i = 0; i < current->outputs().size(); ++i)
      if (current->outputs()[i] == from) current->set_output(i, to);
    for (Node* node = current->first_node(); node; node = node->next())
      for_each_subgraph(*node, [&](Graph& inner) { pending.push_back(&inner); });
  }
}

}  // namespace

void Graph::replace_uses(Value* from, Value* to) {
  if (from == to) return;
  for (const Use& use : from->uses_.uses()) {
    use.node->inputs_[use.index] = to;
    to->uses_.add(use);
  }
  from->uses_.clear();
  Graph& home = *from->graph_;
  for (size_t i = 0; from->output_count_ > 0 && i < home.outputs_.size(); ++i)
    if (home.outputs_[i] == from) home.set_output(i, to);
  if (from->output_count_ > 0) replace_outputs_inside(home, from, to);
}

}  // namespace slipway
