#include "graph/inline_functions.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/error.hpp"
#include "graph/function_call.hpp"
#include "graph/graph_cloner.hpp"
#include "graph/validate.hpp"
#include "graph/validate_functions.hpp"

namespace slipway {
namespace {

class Inliner {
 public:
  explicit Inliner(const Model& model) : functions_(model.functions) {
    for (const Function& function : functions_) names_.insert(function.name);
  }

  // Before anything is copied.
  void require_room(const Graph& graph) {
    const Size size = size_of(graph);
    int64_t stated = size.own;
    for (const auto& [function, known] : sizes_) stated += known.own;
    require(size.expanded <= most_nodes(stated));
  }

  void require_room(const Graph& graph, std::span<const Function> functions) {
    Size all = size_of(graph);
    for (const Function& function : functions) {
      const Size size = size_of(function);
      all.own += size.own;
      all.expanded = std::min(all.expanded + size.expanded, kUncountable);
    }
    require(all.expanded <= 2 * most_nodes(all.own));
  }

  void run(Graph& graph, int depth = 1) {
    if (depth > kMaxGraphNesting)
      fail(ErrorCode::kInvalidModel,
           "with its functions in place, graph '{}' is nested deeper than {} graphs", graph.name(),
           kMaxGraphNesting);
    for (Node* node = graph.first_node(); node;) {
      if (const Function* function = callee(*node)) {
        node = with_context([&] { return node->describe(); }, [&] { return replace(*node, *function); });
        continue;
      }
      for_each_subgraph(*node, [&](Graph& inner) { run(inner, depth + 1); });
      node = node->next();
    }
  }

 private:
  struct Size {
    int64_t own = 0;       // nodes of a graph and of the graphs inside it
    int64_t expanded = 0;  // with all calls in place
  };

  // Most nodes are told apart by their name alone.
  const Function* callee(const Node& node) const {
    return names_.count(node.op_type()) ? find_function(functions_, node) : nullptr;
  }

  static constexpr int64_t kUncountable = int64_t{1} << 40;
  static int64_t most_nodes(int64_t stated) { return kMaxInlinedNodes + kMaxInlinedGrowth * stated; }
  static void require(bool has_room) {
    if (!has_room)
      fail(ErrorCode::kInvalidModel,
           "with the bodies of its functions in place of their calls the model has more than {} nodes",
           kMaxInlinedNodes);
  }

  Size size_of(const Graph& graph) {
    Size size;
    for (const Node* node = graph.first_node(); node; node = node->next()) {
      ++size.own, ++size.expanded;
      for_each_subgraph(*node, [&](const Graph& inner) {
        const Size inside = size_of(inner);
        size.own += inside.own, size.expanded += inside.expanded;
      });
      if (const Function* function = callee(*node)) size.expanded += size_of(*function).expanded;
      // 64 levels of calls, each with more than one, would not fit into the number.
      size.expanded = std::min(size.expanded, kUncountable);
    }
    return size;
  }

  Size size_of(const Function& function) {
    if (const auto found = sizes_.find(&function); found != sizes_.end()) return found->second;
    return sizes_[&function] = size_of(*function.body);
  }

  // Returns where to go on: the first node of the body, or what follows.
  Node* replace(Node& call, const Function& function) {
    Graph& graph = call.graph();
    Node* before = call.previous();
    const std::unique_ptr<Graph> body = instantiate(function, call);
    if (call.inputs().size() > body->inputs().size())
      fail(ErrorCode::kInvalidModel, "it has {} inputs, but {} takes {}", call.inputs().size(),
           describe(function), body->inputs().size());
    const auto results = GraphCloner(prefix_of(call)).splice(*body, call.inputs(), graph, &call);
    hand_over(call, results);
    return before ? before->next() : graph.first_node();
  }

  static std::string prefix_of(const Node& call) {
    return (call.name().empty() ? call.op_type() : call.name()) + "/";
  }

  // Readers of the call read the results, which take over its outputs' names; then the call goes.
  static void hand_over(Node& call, const std::vector<Value*>& results) {
    Graph& graph = call.graph();
    std::vector<std::pair<Value*, std::string>> names;
    std::unordered_set<const Value*> named;
    for (size_t i = 0; i < call.outputs().size(); ++i) {
      Value* output = call.output(i);
      if (!output || output->is_unused()) continue;
      Value* result = i < results.size() ? results[i] : nullptr;
      if (!result)
        fail(ErrorCode::kInvalidModel, "output {} ('{}') is read, but the function does not make it", i,
             output->name());
      // What the body only hands on keeps its own name, so an output of a graph needs a value of its own.
      const bool is_input =
          std::find(call.inputs().begin(), call.inputs().end(), result) != call.inputs().end();
      bool is_own = result->producer() && !is_input && named.insert(result).second;
      if (!is_own && output->is_graph_output()) {
        result = graph.insert_node(&call, "Identity", {result}, 1, "", prefix_of(call) + "output")->output(0);
        is_own = true;
      }
      if (is_own) names.emplace_back(result, output->name());
      if (is_own && result->type().is_none()) result->set_type(output->type());
      graph.replace_uses(output, result);
    }
    graph.erase(&call);
    for (auto& [value, name] : names) graph.rename(value, std::move(name));
  }

  std::span<const Function> functions_;
  std::unordered_map<const Function*, Size> sizes_;
  std::unordered_set<std::string> names_;
};

}  // namespace

void inline_functions(Model& model) {
  if (model.functions.empty()) return;
  Inliner inliner(model);
  inliner.require_room(*model.graph);
  inliner.run(*model.graph);
  model.functions.clear();
}

void check_inlined_size(const Model& model) {
  if (!model.functions.empty()) Inliner(model).require_room(*model.graph, model.functions);
}

}  // namespace slipway
