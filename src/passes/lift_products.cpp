#include <algorithm>

#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

// A product between views: of the axes before the last two (a batched MatMul), or before the last (a Gemm),
// the views make one and take them apart again.
class Lifter {
 public:
  Lifter(Graph& graph, const ops::InferredTypes& types) : graph_(graph), types_(types) {}

  bool lift(Node* view) {
    if (view->is("MatMul")) return narrow(view);
    if (!view->is("Reshape") || !known(view->output(0))) return false;
    if (Node* product = made_for_one(view->input(0), "MatMul", graph_))
      return lift_batched(view, *product) || lift_rows(view, *product);
    if (Node* product = made_for_one(view->input(0), "Gemm", graph_)) return lift_rows(view, *product);
    return false;
  }

 private:
  // The shape where all its sizes are numbers or symbols.
  const Shape* known(const Value* value) const {
    const Shape* shape = shape_of(types_, value);
    const auto is_unknown = [](const Dim& dim) { return dim.is_unknown(); };
    return shape && std::none_of(shape->begin(), shape->end(), is_unknown) ? shape : nullptr;
  }

  // What a view that joins the axes before the last `kept` is made from, when these axes are `joined`.
  Value* behind_view(const Value* value, const Shape& joined, size_t kept) const {
    const Node* view = made_by(value, "Reshape", graph_);
    const Shape *to = known(value), *from = view ? known(view->input(0)) : nullptr;
    if (!from || !to || to->size() != kept + 1 || from->size() != joined.size() + kept) return nullptr;
    if (!std::equal(joined.begin(), joined.end(), from->begin())) return nullptr;
    return std::equal(to->end() - static_cast<std::ptrdiff_t>(kept), to->end(),
                      from->end() - static_cast<std::ptrdiff_t>(kept))
               ? view->input(0)
               : nullptr;
  }

  // A product of matrices, one for each place of the axes before: views join these axes. Weights that are the
  // same for all places stand behind an Expand, which a product needs as little.
  bool lift_batched(Node* view, const Node& product) {
    const Shape &to = *known(view->output(0)), *made = known(product.output(0));
    if (!made || made->size() != 3 || to.size() <= 3) return false;
    if (to.end()[-1] != made->end()[-1] || to.end()[-2] != made->end()[-2]) return false;
    const Shape joined(to.begin(), to.end() - 2);
    Value *left = behind_view(product.input(0), joined, 2), *right = behind_view(product.input(1), joined, 2);
    if (!left || !right) return false;
    narrow(replace_node(graph_, view, "MatMul", {left, right}));
    return true;
  }

  // Weights that are the same for all matrices of the other factor need no Expand.
  bool narrow(Node* product) {
    const Shape* made = known(product->output(0));
    for (const size_t place : {1, 0}) {
      const Shape* other = known(product->input(1 - place));
      Value* same = behind_expand(product->input(place));
      if (!same || !other || !made || made->size() != other->size() || made->size() < 2) continue;
      if (!std::equal(made->begin(), made->end() - 2, other->begin())) continue;
      graph_.set_input(product, place, same);
      return true;
    }
    return false;
  }

  // What is the same for all matrices of the value.
  Value* behind_expand(const Value* value) const {
    const Node* expand = made_by(value, "Expand", graph_);
    const Shape *to = known(value), *from = expand ? known(expand->input(0)) : nullptr;
    if (!from || !to || from->size() < 2 || from->size() > to->size()) return nullptr;
    return std::equal(to->end() - 2, to->end(), from->end() - 2) ? expand->input(0) : nullptr;
  }

  // A product of rows with one matrix of weights, and what a Gemm adds to it.
  bool lift_rows(Node* view, const Node& product) {
    if (product.float_attribute("alpha", 1) != 1 || product.float_attribute("beta", 1) != 1 ||
        product.int_attribute("transA", 0) != 0)
      return false;
    const Shape &to = *known(view->output(0)), *made = known(product.output(0));
    if (!made || made->size() != 2 || to.size() < 3 || to.back() != made->back()) return false;
    Value* rows = behind_view(product.input(0), Shape(to.begin(), to.end() - 1), 1);
    const Shape* weights = known(product.input(1));
    Value* bias = product.input(2);
    if (!rows || !weights || weights->size() != 2 || (bias && !is_for_columns(*bias, made->back())))
      return false;
    Value* turned = columns(view, product);
    if (!bias) {
      replace_node(graph_, view, "MatMul", {rows, turned});
      return true;
    }
    Node* multiplied = graph_.insert_node(view, "MatMul", {rows, turned}, 1, "", product.name());
    multiplied->metadata = product.metadata;
    multiplied->output(0)->set_type(types_.type(view->output(0)));
    replace_node(graph_, view, "Add", {multiplied->output(0), bias});
    return true;
  }

  // One number for each column, so that it means the same for any axes before them.
  bool is_for_columns(const Value& bias, const Dim& width) const {
    const Shape* shape = known(&bias);
    return shape && shape->size() == 1 && shape->front() == width;
  }

  Value* columns(Node* position, const Node& product) {
    Value* weights = product.input(1);
    if (product.int_attribute("transB", 0) == 0) return weights;
    Node* turned = graph_.insert_node(position, "Transpose", {weights});
    turned->set_attribute("perm", std::vector<int64_t>{1, 0});
    return turned->output(0);
  }

  Graph& graph_;
  const ops::InferredTypes& types_;
};

}  // namespace

bool lift_products(Graph& graph, PassContext& context) {
  bool changed = false;
  const auto types = ops::infer_types_for(graph, context.operators, {});
  Lifter lifter(graph, types);
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    changed |= lifter.lift(node);
  }
  return changed;
}

}  // namespace slipway::passes
