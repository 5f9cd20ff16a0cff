#include "passes/gradient/expand_gradients.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/error.hpp"
#include "graph/graph_cloner.hpp"
#include "graph/inline_functions.hpp"
#include "ops/infer_types.hpp"
#include "passes/gradient/derivative.hpp"

namespace slipway::passes {
namespace {

bool is_gradient(const Node& node) {
  return node.op_type() == "Gradient" && node.domain() == "ai.onnx.preview.training";
}

// Of the graph and of the bodies in it.
std::vector<Node*> gradients_in(Graph& graph) {
  std::vector<Node*> found;
  for (Node* node = graph.first_node(); node; node = node->next()) {
    if (is_gradient(*node)) found.push_back(node);
    for_each_subgraph(*node, [&](Graph& body) {
      const std::vector<Node*> inner = gradients_in(body);
      found.insert(found.end(), inner.begin(), inner.end());
    });
  }
  return found;
}

// What the node reads: its inputs, and what its bodies capture of this graph.
void collect_reads(const Node& node, const Graph& graph, std::vector<Value*>& reads) {
  for (Value* input : node.inputs())
    if (input && &input->graph() == &graph) reads.push_back(input);
  for_each_subgraph(node, [&](const Graph& body) {
    for (const Node* inner = body.first_node(); inner; inner = inner->next())
      collect_reads(*inner, graph, reads);
    for (Value* output : body.outputs())
      if (&output->graph() == &graph) reads.push_back(output);
  });
}

std::vector<std::string> names_in(const Node& node, const char* attribute) {
  const Attribute* found = node.find_attribute(attribute);
  const auto* names = found ? found->as<std::vector<std::string>>() : nullptr;
  return names ? *names : std::vector<std::string>();
}

Value* named(const Node& node, const std::string& name) {
  Value* value = node.graph().find_value(name);
  if (!value) fail(ErrorCode::kInvalidModel, "there is no value '{}' in its graph", name);
  return value;
}

// A Gradient names values in attributes, which no edit of the graph keeps true. Afterwards they are inputs
// behind its own: xs, zs and y.
void turn_names_into_inputs(Node& node) {
  std::vector<std::string> names = names_in(node, "xs");
  const size_t wanted = names.size();
  if (wanted == 0) fail(ErrorCode::kInvalidModel, "attribute 'xs' names nothing");
  for (std::string& name : names_in(node, "zs")) names.push_back(std::move(name));
  if (node.inputs().size() != names.size() || node.outputs().size() > wanted)
    fail(ErrorCode::kInvalidModel, "xs and zs have {} names, but there are {} inputs and {} outputs",
         names.size(), node.inputs().size(), node.outputs().size());
  for (size_t i = 0; i < names.size(); ++i)
    if (!node.input(i)) fail(ErrorCode::kInvalidModel, "input {} is absent", i);
  names.push_back(node.string_attribute("y", ""));
  for (const std::string& name : names)
    node.graph().set_input(&node, node.inputs().size(), named(node, name));
}

class GradientExpansion {
 public:
  // `inferred`: the nodes whose types are.
  GradientExpansion(Node& node, const ops::Registry& operators,
                    const std::unordered_set<const Node*>& inferred);

  // Is y computed by nodes whose types are inferred, without another Gradient that has not been expanded?
  bool is_ready() const { return is_ready_; }
  void run();

 private:
  bool find_path(const std::unordered_set<const Node*>& inferred);
  bool depends(const Node& node, const std::unordered_set<const Value*>& on) const;
  void replay();
  void sweep_back();
  void hand_over();

  Node& node_;
  const ops::Registry& operators_;
  Graph& graph_;
  size_t wanted_;               // the first of the leaves are xs, the others zs
  std::vector<Value*> leaves_;  // xs and zs
  Value* y_;
  std::vector<Node*> path_;  // from the leaves to y, in order
  bool is_ready_;
  ReverseSweep sweep_;
};

GradientExpansion::GradientExpansion(Node& node, const ops::Registry& operators,
                                     const std::unordered_set<const Node*>& inferred)
    : node_(node), operators_(operators), graph_(node.graph()), wanted_(names_in(node, "xs").size()) {
  // They have been named, but in a function the name may be that of an input.
  for (const Value* input : node.inputs())
    if (!input)
      fail(ErrorCode::kInvalidModel, "it names an input of its function that the function's call leaves out");
  const std::span<Value* const> values = node.inputs().subspan(node.inputs().size() / 2);
  leaves_.assign(values.begin(), values.end() - 1);
  y_ = values.back();
  is_ready_ = find_path(inferred);
}

// All nodes that y needs, up to the leaves, the needed ones first; of them those that depend on a leaf. False
// at the first one that cannot be derived yet.
bool GradientExpansion::find_path(const std::unordered_set<const Node*>& inferred) {
  std::unordered_set<const Value*> leaves(leaves_.begin(), leaves_.end());
  std::unordered_set<const Node*> seen;
  struct Visit {
    Node* node;
    std::vector<Value*> reads;
  };
  std::vector<Visit> open;
  const auto enter = [&](const Value* value) {
    Node* producer = value->producer();
    if (leaves.contains(value) || !producer || !seen.insert(producer).second) return;
    open.push_back({producer, {}});
    collect_reads(*producer, graph_, open.back().reads);
  };
  enter(y_);
  while (!open.empty()) {
    if (!open.back().reads.empty()) {
      const Value* next = open.back().reads.back();
      open.back().reads.pop_back();
      enter(next);
      continue;
    }
    Node* node = open.back().node;
    open.pop_back();
    if (!depends(*node, leaves)) continue;
    if (is_gradient(*node) || !inferred.contains(node)) return false;
    path_.push_back(node);
    for (const Value* output : node->outputs())
      if (output && leaves.contains(output))
        fail(ErrorCode::kInvalidModel, "'{}' depends on other values that xs and zs name", output->name());
    // From here on what it makes depends on the leaves, too.
    leaves.insert(node->outputs().begin(), node->outputs().end());
  }
  return true;
}

bool GradientExpansion::depends(const Node& node, const std::unordered_set<const Value*>& on) const {
  std::vector<Value*> reads;
  collect_reads(node, graph_, reads);
  return std::any_of(reads.begin(), reads.end(), [&](const Value* read) { return on.contains(read); });
}

void GradientExpansion::run() {
  if (!std::equal(leaves_.begin(), leaves_.end(), node_.inputs().begin())) replay();
  sweep_back();
  hand_over();
  graph_.erase(&node_);
  graph_.sort_topologically();
}

// The inputs are other values than those that y was computed of: the path once more, for them.
void GradientExpansion::replay() {
  GraphCloner cloner;
  for (size_t i = 0; i < leaves_.size(); ++i) cloner.substitute(leaves_[i], node_.input(i));
  std::vector<Node*> replayed;
  for (const Node* original : path_) {
    Node* copy = cloner.node(*original, graph_, &node_);
    // Of the old type are rank and elements; sizes may differ.
    for (Value* output : copy->outputs())
      if (output && output->type().is_tensor() && output->type().shape())
        output->set_type(Type::tensor(output->type().element_type(), Shape(output->type().shape()->size())));
    replayed.push_back(copy);
  }
  path_ = replayed;
  for (Value*& leaf : leaves_) leaf = cloner.substitute_of(leaf);
  y_ = cloner.substitute_of(y_);
}

void GradientExpansion::sweep_back() {
  sweep_.position = &node_;
  sweep_.active.insert(leaves_.begin(), leaves_.begin() + static_cast<std::ptrdiff_t>(wanted_));
  for (const Node* node : path_)
    if (depends(*node, sweep_.active)) sweep_.active.insert(node->outputs().begin(), node->outputs().end());
  sweep_.summed[y_] = Derivative(node_, sweep_).filled_like(y_, 1);
  for (auto node = path_.rbegin(); node != path_.rend(); ++node) {
    const auto outputs = (*node)->outputs();
    const bool contributes = depends(**node, sweep_.active) &&
                             std::any_of(outputs.begin(), outputs.end(),
                                         [&](const Value* output) { return sweep_.summed.contains(output); });
    if (!contributes) continue;
    const DerivativeRule rule = find_derivative_rule(**node);
    if (!rule) fail(ErrorCode::kUnsupported, "{} has no rule for its derivative", (*node)->describe());
    // Of a branch that is never taken inference has looked at nothing.
    ops::check_schema(operators_.get(**node), **node);
    Derivative step(**node, sweep_);
    rule(step);
  }
}

// The outputs keep their names.
void GradientExpansion::hand_over() {
  for (size_t i = 0; i < node_.outputs().size(); ++i) {
    if (!node_.output(i)) continue;
    const auto found = sweep_.summed.find(leaves_[i]);
    Value* derivative =
        found != sweep_.summed.end() ? found->second : Derivative(node_, sweep_).filled_like(leaves_[i], 0);
    Node* identity = graph_.insert_node(&node_, "Identity", {derivative}, 0);
    graph_.move_output(&node_, i, identity, 0);
  }
}

// Those in functions, too.
std::vector<Node*> gradients_in(Model& model) {
  std::vector<Node*> found = gradients_in(*model.graph);
  for (const Function& function : model.functions) {
    const std::vector<Node*> inner = gradients_in(*function.body);
    found.insert(found.end(), inner.begin(), inner.end());
  }
  return found;
}

void collect_nodes(const Graph& graph, std::unordered_set<const Node*>& nodes) {
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    nodes.insert(node);
    for_each_subgraph(*node, [&](const Graph& body) { collect_nodes(body, nodes); });
  }
}

// Expansion in rounds: first of what reads no other Gradient, then of what reads those.
class GradientRounds {
 public:
  GradientRounds(Model& model, const ops::Registry& operators) : model_(model), operators_(operators) {}

  // False when there are none any more.
  bool run_one() {
    const std::vector<Node*> left = gradients_in(*model_.graph);
    if (left.empty()) return false;
    if (++rounds_ > kMostRounds)
      fail(ErrorCode::kUnsupported, "{}: derivatives of derivatives are nested deeper than {}",
           left.front()->describe(), kMostRounds);
    ops::infer_types(model_, operators_);
    std::unordered_set<const Node*> inferred;
    collect_nodes(*model_.graph, inferred);
    bool expanded = false;
    for (Node* node : left)
      expanded |= with_context([&] { return node->describe(); }, [&] { return expand(*node, inferred); });
    if (!expanded)
      fail(ErrorCode::kInvalidModel, "{}: its y depends on what it makes", left.front()->describe());
    return true;
  }

 private:
  static constexpr int kMostRounds = 32;

  bool expand(Node& node, std::unordered_set<const Node*>& inferred) {
    GradientExpansion expansion(node, operators_, inferred);
    if (!expansion.is_ready()) return false;
    inferred.erase(&node);
    expansion.run();
    return true;
  }

  Model& model_;
  const ops::Registry& operators_;
  int rounds_ = 0;
};

}  // namespace

void expand_gradients(Model& model, const ops::Registry& operators) {
  const std::vector<Node*> all = gradients_in(model);
  if (all.empty()) return;
  for (Node* node : all)
    with_context([&] { return node->describe(); }, [&] { turn_names_into_inputs(*node); });
  inline_functions(model);
  GradientRounds rounds(model, operators);
  while (rounds.run_one()) {
  }
}

}  // namespace slipway::passes
