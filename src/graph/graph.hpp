// A graph of nodes in topological order and the values between them. It owns both; pointers to them stay
// valid until they are erased. Every edit keeps the use lists true, so a pass never has to search.
//
//   for (Node* node = graph.first_node(); node; node = node->next()) …
//   Value* sum = graph.add_node("Add", {a, b})->output(0);
//   graph.replace_uses(old_value, sum);
//   graph.erase(old_node);
//
// A subgraph (the body of an If, Loop or Scan) reads values of the graphs around it simply by having them as
// inputs of its nodes. Not thread-safe; reading from several threads is.
#pragma once

#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/node.hpp"
#include "graph/value.hpp"

namespace slipway {

class Graph {
 public:
  explicit Graph(std::string name = "graph", Node* owner = nullptr);
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }
  // The node whose attribute holds this graph; nullptr for a model's main graph and for function bodies.
  Node* owner() const { return owner_; }
  void set_owner(Node* owner) { owner_ = owner; }
  Graph* parent() const { return owner_ ? &owner_->graph() : nullptr; }

  // --- values ---

  // A value with this name, or with one like it when it is taken in this graph ("" picks one).
  Value* add_value(std::string name, Type type = {});
  Value* add_input(std::string name, Type type);
  // A constant. Its type is the tensor's.
  Value* add_initializer(std::string name, Tensor tensor);
  void set_initializer(Value* value, Constant constant);
  void remove_initializer(Value* value);
  void add_output(Value* value);
  void set_output(size_t index, Value* value);
  void remove_output(size_t index);
  // Makes an existing value without producer a graph input, at the end of the list.
  void make_input(Value* value);
  void remove_input(Value* value);              // it becomes a plain value or, if it has one, a constant
  void rename(Value* value, std::string name);  // throws kInternal when the name is taken

  const std::vector<Value*>& inputs() const { return inputs_; }
  const std::vector<Value*>& outputs() const { return outputs_; }
  // In the order in which they were added.
  std::vector<Value*> initializers() const;
  // By name in this graph alone, or through the graphs around it.
  Value* find_value(std::string_view name) const;
  Value* resolve_value(std::string_view name) const;
  Value* first_value() const { return first_value_; }
  static Value* next_value(const Value* value) { return value->next_; }
  size_t value_count() const { return names_.size(); }
  void erase(Value* value);  // it must be unused and made by nobody
  // `like`, or `like` with a number where a value of this graph or of one around it is called so.
  std::string unused_name(std::string_view like);

  // --- nodes ---

  // A node before `position` (nullptr: at the end), with `output_count` new values named after the operator.
  Node* insert_node(Node* position, std::string op_type, std::vector<Value*> inputs, size_t output_count = 1,
                    std::string domain = "", std::string name = "");
  Node* add_node(std::string op_type, std::vector<Value*> inputs, size_t output_count = 1,
                 std::string domain = "", std::string name = "") {
    return insert_node(nullptr, std::move(op_type), std::move(inputs), output_count, std::move(domain),
                       std::move(name));
  }
  // A node that makes values that exist already and have no producer yet; nullptr for absent ones. Throws
  // kInvalidModel when one of them is made elsewhere (or twice here), and changes nothing then.
  Node* add_node_with_outputs(std::string op_type, std::vector<Value*> inputs, std::vector<Value*> outputs,
                              std::string domain = "", std::string name = "", Node* position = nullptr);

  Node* first_node() const { return first_node_; }
  Node* last_node() const { return last_node_; }
  size_t node_count() const { return node_count_; }

  void set_input(Node* node, size_t index, Value* value);  // grows the list with absent inputs as needed
  void resize_inputs(Node* node, size_t count);
  void set_op_type(Node* node, std::string op_type, std::string domain = "");
  // Every reader of `from`, graph outputs included, reads `to` instead. Outputs keep their position; their
  // name becomes to's.
  void replace_uses(Value* from, Value* to);
  // Removes a node and its outputs, which must be unused.
  void erase(Node* node);
  void move_before(Node* node, Node* position);
  // Hands a node's output to another node (which had no output in that place): for replacing a node while its
  // output values, and so their names, live on.
  void move_output(Node* from, size_t from_index, Node* to, size_t to_index);

  // Orders the nodes so that every value is made before it is read, keeping the present order where it can.
  // Graphs inside the nodes stay as they are. Linear in nodes and edges. Throws kInvalidModel naming a node
  // of the cycle.
  void sort_topologically();

  Preserved preserved;

 private:
  Value* new_value(std::string name);
  void link_node(Node* node, Node* position);
  void unlink_node(Node* node);
  void destroy(Value* value);
  void claim_outputs(Node* node, std::vector<Value*> outputs);
  static void add_use(Value* value, Node* node, size_t index);
  static void remove_use(Value* value, Node* node, size_t index);
  static void drop_inputs(Node* node);
  static void release_output(Value* value);
  void compact_initializers();

  std::string name_;
  Node* owner_;
  Node* first_node_ = nullptr;
  Node* last_node_ = nullptr;
  size_t node_count_ = 0;
  Value* first_value_ = nullptr;
  Value* last_value_ = nullptr;
  std::vector<Value*> inputs_;
  std::vector<Value*> outputs_;
  std::vector<Value*> initializers_;  // nullptr where one was removed
  size_t removed_initializers_ = 0;
  // Keys view the values' own names.
  std::unordered_map<std::string_view, Value*> names_;
  uint64_t next_name_ = 0;
  bool dying_ = false;  // being destroyed: its values' uses need no upkeep
};

// A deep copy without owner; values captured from outside stay captured. Tensors share their buffers.
std::unique_ptr<Graph> clone(const Graph& graph);

// Calls visit(subgraph) for every graph that the node's attributes hold, without going deeper.
template <typename Visit>
void for_each_subgraph(const Node& node, Visit&& visit) {
  for (const Attribute& attribute : node.attributes()) {
    if (auto* graph = attribute.as<std::unique_ptr<Graph>>()) visit(**graph);
    if (auto* graphs = attribute.as<Attribute::Graphs>())
      for (const auto& graph : *graphs) visit(*graph);
  }
}

}  // namespace slipway
