// An edge of the graph: made by one node (or fed in, or constant), used by any number of nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "graph/attribute.hpp"
#include "graph/preserved.hpp"
#include "graph/use_list.hpp"
#include "tensor/type.hpp"

namespace slipway {

class Graph;
class Node;

class Value {
 public:
  const std::string& name() const { return name_; }
  // "" when the type is not stated or known.
  const Type& type() const { return type_; }
  // Forgets how a file spelled the old type.
  void set_type(Type type);

  Graph& graph() const { return *graph_; }
  // The node that makes it, or nullptr for inputs and constants.
  Node* producer() const { return producer_; }
  // Readers in this graph and in subgraphs that capture it, in no particular order.
  const std::vector<Use>& uses() const { return uses_.uses(); }
  bool is_graph_input() const { return is_input_; }
  bool is_graph_output() const { return output_count_ > 0; }
  bool is_unused() const { return uses().empty() && !is_graph_output(); }

  // The value when it is known before the model runs: an initializer. A graph input may have one too; it is
  // then the input's default, not a constant.
  const Tensor* initializer() const { return initializer_ ? &initializer_->tensor : nullptr; }
  // initializer(), unless it is an input's default.
  const Tensor* constant() const { return is_input_ ? nullptr : initializer(); }
  const Constant* initializer_entry() const { return initializer_.get(); }

  // The bytes of the file's ValueInfoProto beyond the name, when the type came from a file and nobody changed
  // it.
  Preserved file_type;
  // Position among the file's value_info entries; 0 when it had none.
  uint32_t declared_order = 0;

 private:
  friend class Graph;
  Value(Graph* graph, std::string name) : graph_(graph), name_(std::move(name)) {}

  Graph* graph_;
  Node* producer_ = nullptr;
  Value* previous_ = nullptr;
  Value* next_ = nullptr;
  std::string name_;
  Type type_;
  UseList uses_;
  std::unique_ptr<Constant> initializer_;
  uint32_t output_count_ = 0;
  uint32_t initializer_position_ = 0;  // in the graph's list, when there is an initializer
  bool is_input_ = false;
};

}  // namespace slipway
