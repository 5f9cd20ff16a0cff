// Topological order by depth-first search over an explicit stack: a chain of a million nodes is no deeper on
// the machine's stack than a chain of two.
#include <algorithm>
#include <unordered_map>

#include "base/error.hpp"
#include "graph/graph.hpp"

namespace slipway {
namespace {

enum class State : uint8_t { kNew, kOpen, kDone };

class Sorter {
 public:
  explicit Sorter(Graph& graph) : graph_(graph) { states_.reserve(graph.node_count()); }

  std::vector<Node*> order() {
    for (Node* node = graph_.first_node(); node; node = node->next()) visit(node);
    return std::move(order_);
  }

 private:
  // Nodes are put into the order after those that they read from. A node is looked at twice: when it is
  // reached, its producers go on top of it; when it is on top again, they are done.
  void visit(Node* start) {
    stack_.push_back(start);
    while (!stack_.empty()) {
      Node* node = stack_.back();
      State& state = states_[node];
      if (state == State::kNew) {
        state = State::kOpen;
        push_producers(node);
        continue;
      }
      stack_.pop_back();
      if (state == State::kDone) continue;
      state = State::kDone;
      order_.push_back(node);
    }
  }

  // The producers of what the node and the graphs inside it read, the first one to be visited first.
  void push_producers(Node* node) {
    const size_t bottom = stack_.size();
    push_producers_of(node, node->inputs());
    std::vector<Graph*> inside;
    for_each_subgraph(*node, [&](Graph& graph) { inside.push_back(&graph); });
    while (!inside.empty()) {
      Graph* graph = inside.back();
      inside.pop_back();
      push_producers_of(node, graph->outputs());
      for (Node* inner = graph->first_node(); inner; inner = inner->next()) {
        push_producers_of(node, inner->inputs());
        for_each_subgraph(*inner, [&](Graph& deeper) { inside.push_back(&deeper); });
      }
    }
    std::reverse(stack_.begin() + static_cast<std::ptrdiff_t>(bottom), stack_.end());
  }

  void push_producers_of(const Node* reader, std::span<Value* const> values) {
    for (const Value* value : values) {
      Node* producer = value && &value->graph() == &graph_ ? value->producer() : nullptr;
      if (!producer) continue;
      const auto state = states_.find(producer);
      if (state == states_.end()) {
        stack_.push_back(producer);
      } else if (state->second == State::kOpen) {
        fail(ErrorCode::kInvalidModel,
             "{} reads '{}', which depends on that node itself: the graph has a cycle", reader->describe(),
             value->name());
      }
    }
  }

  Graph& graph_;
  std::unordered_map<const Node*, State> states_;
  std::vector<Node*> stack_;
  std::vector<Node*> order_;
};

}  // namespace

void Graph::sort_topologically() {
  const std::vector<Node*> order = Sorter(*this).order();
  first_node_ = last_node_ = nullptr;
  node_count_ = 0;
  for (Node* node : order) link_node(node, nullptr);
}

}  // namespace slipway
