// One step of reverse mode: from the derivatives of a node's outputs to those of its inputs. Rules write them
// as nodes of the graph:
//
//   void derive_mul(Derivative& of) {
//     if (of.wants(0)) of.give_broadcast(0, of.make("Mul", {of.dy(), of.x(1)}));
//     if (of.wants(1)) of.give_broadcast(1, of.make("Mul", {of.dy(), of.x(0)}));
//   }
#pragma once

#include <initializer_list>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "graph/graph.hpp"

namespace slipway::passes {

// On the way back from y.
struct ReverseSweep {
  Node* position;                                   // new nodes stand in front of it
  std::unordered_set<const Value*> active;          // what depends on a value in question
  std::unordered_map<const Value*, Value*> summed;  // the derivatives as far as they have been summed up
};

class Derivative {
 public:
  using Setting = std::pair<const char*, std::variant<int64_t, std::string, std::vector<int64_t>>>;
  using Settings = std::initializer_list<Setting>;

  Derivative(const Node& node, ReverseSweep& sweep) : node_(node), sweep_(sweep) {}

  const Node& node() const { return node_; }
  Value* x(size_t input) const { return node_.input(input); }
  Value* y(size_t output = 0) const { return node_.output(output); }
  // The derivative of an output; zeros for one that y does not depend on.
  Value* dy(size_t output = 0);

  // Does anybody ask for the derivative of an input?
  bool wants(size_t input) const { return x(input) && sweep_.active.contains(x(input)); }
  // Adds to the derivative of an input: of its shape, or of a shape that it is broadcast to.
  void give(size_t input, Value* derivative);
  void give_broadcast(size_t input, Value* derivative);

  Value* make(std::string op_type, std::vector<Value*> inputs, Settings settings = {}) {
    return make_several(std::move(op_type), std::move(inputs), 1, settings)[0];
  }
  std::vector<Value*> make_several(std::string op_type, std::vector<Value*> inputs, size_t output_count,
                                   Settings settings = {});
  Value* number(double number, Value* like);  // a scalar of the element type of `like`
  Value* integers(const std::vector<int64_t>& elements);
  Value* shape_of(Value* value) { return make("Shape", {value}); }
  Value* filled_like(Value* value, double number);
  Value* reshaped_like(Value* value, Value* like);
  // Sums over the axes along which `like` was broadcast.
  Value* reduced_to(Value* value, Value* like);
  // The node once more, its inputs replaced and an integer attribute set.
  Value* node_with(size_t input, Value* value, const char* attribute = nullptr, int64_t setting = 0);
  // Throws kUnsupported when it is not known.
  size_t rank(const Value* value) const;

 private:
  Graph& graph() const { return sweep_.position->graph(); }

  const Node& node_;
  ReverseSweep& sweep_;
};

using DerivativeRule = void (*)(Derivative&);
// nullptr for an operator that has none.
DerivativeRule find_derivative_rule(const Node& node);

}  // namespace slipway::passes
