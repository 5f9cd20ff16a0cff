#include "graph/validate.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/error.hpp"
#include "graph/validate_functions.hpp"

namespace slipway {
namespace {

// Walks the nodes in their order, into the graphs inside a node when that node is reached, and keeps who has
// been passed: those have made their outputs.
class GraphCheck {
 public:
  // `function`: whose body it is, or nullptr.
  GraphCheck(const Graph& root, const Function* function) : function_(function) {
    for (const Graph* graph = root.parent(); graph; graph = graph->parent()) outside_.insert(graph);
    enter(root);
  }

  void run() {
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (!frame.inner.empty()) {
        const Graph* inner = frame.inner.back();
        frame.inner.pop_back();
        enter(*inner);
      } else if (frame.open) {
        passed_.insert(frame.open);
        frame.open = frame.open->next();
        begin_node(frame);
      } else {
        leave(*frame.graph);
      }
    }
  }

 private:
  struct Frame {
    const Graph* graph;
    const Node* open;                 // the node that we are at
    std::vector<const Graph*> inner;  // its graphs that are still to be looked at, last one first
  };

  void enter(const Graph& graph) {
    if (frames_.size() >= static_cast<size_t>(kMaxGraphNesting))
      fail(ErrorCode::kInvalidModel, "graph '{}' is nested deeper than {} graphs", graph.name(),
           kMaxGraphNesting);
    entered_.insert(&graph);
    frames_.push_back({&graph, graph.first_node(), {}});
    begin_node(frames_.back());
  }

  void leave(const Graph& graph) {
    for (const Value* output : graph.outputs())
      require_made(*output, graph,
                   [&] { return fmt::format("the output list of graph '{}'", graph.name()); });
    entered_.erase(&graph);
    frames_.pop_back();
  }

  void begin_node(Frame& frame) {
    if (!frame.open) return;
    const Node& node = *frame.open;
    if (node.op_type().empty()) fail(ErrorCode::kInvalidModel, "{} has no operator", node.describe());
    for (const Value* input : node.inputs())
      if (input) require_made(*input, *frame.graph, [&] { return node.describe(); });
    check_attributes(node);
    for_each_subgraph(node, [&](const Graph& graph) {
      if (graph.owner() != &node)
        fail(ErrorCode::kInternal, "{}: graph '{}' does not know that it belongs to the node",
             node.describe(), graph.name());
      frame.inner.push_back(&graph);
    });
    std::reverse(frame.inner.begin(), frame.inner.end());
  }

  template <typename Reader>
  void require_made(const Value& value, const Graph& graph, Reader&& reader) const {
    if (&value.graph() != &graph) require_visible(value, graph, reader);
    if (outside_.contains(&value.graph()) || value.is_graph_input() || value.initializer()) return;
    const Node* producer = value.producer();
    if (!producer)
      fail(ErrorCode::kInvalidModel,
           "{} reads '{}', which nothing makes: no input, initializer or node output is called so", reader(),
           value.name());
    if (!passed_.contains(producer))
      fail(ErrorCode::kInvalidModel,
           "{} reads '{}' before it is made by {}: nodes must be in topological order, without cycles",
           reader(), value.name(), producer->describe());
  }

  template <typename Reader>
  void require_visible(const Value& value, const Graph& graph, Reader&& reader) const {
    if (!entered_.contains(&value.graph()) && !outside_.contains(&value.graph()))
      fail(ErrorCode::kInvalidModel, "{} reads '{}' of graph '{}', which is not around graph '{}'", reader(),
           value.name(), value.graph().name(), graph.name());
    if (graph.resolve_value(value.name()) != &value)
      fail(ErrorCode::kInvalidModel,
           "{} reads '{}' of graph '{}', but a nearer graph has another value of this name", reader(),
           value.name(), value.graph().name());
  }

  void check_attributes(const Node& node) const {
    const auto& attributes = node.attributes();
    std::unordered_set<std::string_view> names;
    for (const Attribute& attribute : attributes) {
      if (attributes.size() > 1 && !names.insert(attribute.name()).second)
        fail(ErrorCode::kInvalidModel, "{} has two attributes '{}'", node.describe(), attribute.name());
      if (attribute.is_reference()) check_reference(node, attribute);
    }
  }

  void check_reference(const Node& node, const Attribute& attribute) const {
    if (!function_)
      fail(ErrorCode::kInvalidModel,
           "{}: attribute '{}' refers to '{}', but outside of functions there is nothing to refer to",
           node.describe(), attribute.name(), attribute.parameter());
    const auto& plain = function_->attributes;
    const auto& defaults = function_->attribute_defaults;
    const bool declared = std::find(plain.begin(), plain.end(), attribute.parameter()) != plain.end() ||
                          std::any_of(defaults.begin(), defaults.end(), [&](const Attribute& one) {
                            return one.name() == attribute.parameter();
                          });
    if (!declared)
      fail(ErrorCode::kInvalidModel,
           "{}: attribute '{}' refers to '{}', which is no attribute of the function", node.describe(),
           attribute.name(), attribute.parameter());
  }

  const Function* function_;
  std::vector<Frame> frames_;
  std::unordered_set<const Graph*> entered_;
  std::unordered_set<const Graph*> outside_;  // around the root: taken as they are
  std::unordered_set<const Node*> passed_;
};

void check_opsets(const OpsetImports& imports) {
  for (const auto& [domain, version] : imports.entries())
    if (imports.version(domain) != version)
      fail(ErrorCode::kInvalidModel, "domain '{}' is imported in versions {} and {}",
           domain.empty() ? "ai.onnx" : domain, imports.version(domain), version);
}

}  // namespace

void validate(const Graph& graph) {
  GraphCheck(graph, nullptr).run();
}

void validate(const Model& model) {
  check_opsets(model.opset_imports);
  validate(*model.graph);
  for (const Function& function : model.functions)
    with_context([&] { return describe(function); },
                 [&] {
                   check_opsets(function.opset_imports);
                   GraphCheck(*function.body, &function).run();
                 });
  validate_calls(model);
}

}  // namespace slipway
