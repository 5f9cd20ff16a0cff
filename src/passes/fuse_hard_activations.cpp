#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

// The attributes that say 1/6 are f32: of doubles they would lose digits.
bool is_float(const Value* value, double number) {
  return constant_number(value) == number && value->constant()->type() == DataType::kFloat;
}

// One Clip for two, of which one has a lower bound alone and the other an upper one.
bool merge_clips(Graph& graph, Node* outer) {
  Node* inner = outer->is("Clip") ? made_for_one(outer->input(0), "Clip", graph) : nullptr;
  if (!inner) return false;
  Value *lower = nullptr, *upper = nullptr;
  if (!inner->input(2) && !outer->input(1)) {
    lower = inner->input(1);
    upper = outer->input(2);
  } else if (!inner->input(1) && !outer->input(2)) {
    lower = outer->input(1);
    upper = inner->input(2);
  }
  const auto least = constant_number(lower), most = constant_number(upper);
  if (!least || !most || !(*least <= *most)) return false;
  replace_node(graph, outer, "Clip", {inner->input(0), lower, upper});
  graph.erase(inner);  // so that what it read has one reader again
  return true;
}

// x, when the value is min(max(x + 3, 0), 6) for this one reader.
Value* behind_six(const Value* value, const Graph& graph) {
  const Node* clip = made_for_one(value, "Clip", graph);
  if (!clip || constant_number(clip->input(1)) != 0.0 || !is_float(clip->input(2), 6)) return nullptr;
  const Node* sum = made_for_one(clip->input(0), "Add", graph);
  if (!sum) return nullptr;
  for (const size_t place : {0, 1})
    if (constant_number(sum->input(place)) == 3.0) return sum->input(1 - place);
  return nullptr;
}

void become_hard_sigmoid(Graph& graph, Node* node, Value* x) {
  Node* made = replace_node(graph, node, "HardSigmoid", {x});
  made->set_attribute("alpha", 1.0f / 6.0f);
  made->set_attribute("beta", 0.5f);
}

// Division by 6 of that, or of x times that.
bool fuse_division(Graph& graph, Node* node) {
  if (!node->is("Div") || !is_float(node->input(1), 6)) return false;
  if (Value* x = behind_six(node->input(0), graph)) {
    become_hard_sigmoid(graph, node, x);
    return true;
  }
  const Node* product = made_for_one(node->input(0), "Mul", graph);
  if (!product) return false;
  for (const size_t place : {0, 1}) {
    Value* x = behind_six(product->input(place), graph);
    if (!x || x != product->input(1 - place)) continue;
    replace_node(graph, node, "HardSwish", {x});
    return true;
  }
  return false;
}

// x times HardSigmoid(x).
bool fuse_product(Graph& graph, Node* node) {
  if (!node->is("Mul")) return false;
  for (const size_t place : {0, 1}) {
    const Node* gate = made_for_one(node->input(place), "HardSigmoid", graph);
    if (!gate || gate->input(0) != node->input(1 - place)) continue;
    if (gate->float_attribute("alpha", 0.2f) != 1.0f / 6.0f || gate->float_attribute("beta", 0.5f) != 0.5f)
      continue;
    replace_node(graph, node, "HardSwish", {node->input(1 - place)});
    return true;
  }
  return false;
}

}  // namespace

bool fuse_hard_activations(Graph& graph, PassContext&) {
  bool changed = false;
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    changed |= merge_clips(graph, node) || fuse_division(graph, node) || fuse_product(graph, node);
  }
  return changed;
}

}  // namespace slipway::passes
