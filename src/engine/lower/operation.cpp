#include "engine/lower/operation.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "engine/kernels/table.hpp"

namespace slipway::engine {
namespace {

class Fuser {
 public:
  explicit Fuser(const ops::InferredTypes& types) : types_(types) {}

  Operation begin_with(const Node& node) {
    Operation operation = operation_of(node);
    const Node* last = &node;
    while (const Node* next = only_reader(*last)) {
      // Of two convolutions whose sum is read, the first takes the addition.
      if (is_absorbed(*next) || !absorb(operation, *last->output(0), *next)) break;
      operation.outputs = {next->output(0)};
      operation.fused.push_back(next);
      absorbed_.insert(next);
      last = next;
    }
    return operation;
  }

  bool is_absorbed(const Node& node) const { return absorbed_.count(&node) != 0; }

 private:
  // The one node that reads the node's only output, if nobody else wants it.
  static const Node* only_reader(const Node& node) {
    if (!node.domain().empty() || node.outputs().size() != 1) return nullptr;
    const Value* output = node.output(0);
    if (!output || output->is_graph_output() || output->uses().size() != 1) return nullptr;
    const Node* reader = output->uses().begin()->node;
    return &reader->graph() == &node.graph() && reader->outputs().size() == 1 && reader->output(0) ? reader
                                                                                                   : nullptr;
  }

  bool absorb(Operation& operation, const Value& through, const Node& next) {
    const std::string& op_type = operation.node->op_type();
    if (!operation.fusion.clamp.is_open()) return false;
    if (next.is("Add") && operation.fusion.residual_input == 0 && takes_residual(op_type))
      return absorb_addition(operation, through, next);
    if (!takes_clamp(op_type)) return false;
    // A Clip may read it as a bound, too.
    const auto clamp = next.input(0) == &through ? clamp_of(next) : std::nullopt;
    if (!clamp) return false;
    operation.fusion.clamp = *clamp;
    return true;
  }

  bool absorb_addition(Operation& operation, const Value& through, const Node& addition) {
    const Value* other = addition.input(0) == &through ? addition.input(1) : addition.input(0);
    if (!other || other == &through) return false;
    const auto dims = static_dims(types_.type(&through)), other_dims = static_dims(types_.type(other));
    if (!dims || dims != other_dims ||
        types_.type(other).element_type() != types_.type(&through).element_type())
      return false;
    // The kernel knows the residual by its place behind the longest list of inputs that the operator has.
    operation.inputs.resize(std::max<size_t>(operation.inputs.size(), 3), nullptr);
    operation.fusion.residual_input = operation.inputs.size();
    operation.inputs.push_back(other);
    return true;
  }

  std::optional<Clamp> clamp_of(const Node& node) const {
    Clamp clamp;
    if (node.is("Relu")) {
      clamp.lower = 0.0f;
      return clamp;
    }
    if (!node.is("Clip")) return std::nullopt;
    if (!read_bound(node.input(1), clamp.lower) || !read_bound(node.input(2), clamp.upper))
      return std::nullopt;
    // Clip with lower > upper gives upper everywhere: as the kernels do it.
    return clamp;
  }

  bool read_bound(const Value* value, float& bound) const {
    if (!value) return true;
    const Tensor* constant = value->constant() ? value->constant() : types_.constant(value);
    if (!constant || constant->type() != DataType::kFloat || constant->count() != 1) return false;
    bound = constant->data<float>()[0];
    return bound == bound;
  }

  const ops::InferredTypes& types_;
  std::unordered_set<const Node*> absorbed_;
};

}  // namespace

std::optional<Dims> static_dims(const Type& type) {
  if (!type.is_tensor() || type.element_type() == DataType::kUndefined || !type.shape() ||
      !all_known(*type.shape()))
    return std::nullopt;
  return known_dims(*type.shape());
}

Operation operation_of(const Node& node) {
  return {&node,
          {},
          {node.inputs().begin(), node.inputs().end()},
          {node.outputs().begin(), node.outputs().end()},
          {}};
}

std::vector<Operation> lower(const Graph& graph, const ops::InferredTypes& types, bool fuse) {
  std::vector<Operation> operations;
  Fuser fuser(types);
  // An operation stands where its last node stood: by then a residual has been made.
  std::unordered_map<const Node*, Operation> waiting;
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    Operation operation;
    if (auto found = waiting.find(node); found != waiting.end()) {
      operations.push_back(std::move(found->second));
      continue;
    }
    if (!fuse) {
      operation = operation_of(*node);
    } else {
      if (fuser.is_absorbed(*node)) continue;
      operation = fuser.begin_with(*node);
    }
    const Node* last =
        operation.outputs.empty() || !operation.outputs[0] ? node : operation.outputs[0]->producer();
    if (last && last != node) {
      waiting.emplace(last, std::move(operation));
    } else {
      operations.push_back(std::move(operation));
    }
  }
  return operations;
}

}  // namespace slipway::engine
