// Small models to compare.
#pragma once

#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "workbench/compare/compare_models.hpp"

namespace slipway::workbench {

// Different in every element, the same for the same seed.
inline Tensor numbers(Dims dims, uint64_t seed) {
  Tensor tensor = random_tensor(DataType::kFloat, dims, seed);
  for (float& element : tensor.data<float>()) element = 2 * element - 1;
  return tensor;
}

// A graph in the making: x, and what is made of it.
struct Maker {
  std::shared_ptr<Model> model = std::make_shared<Model>();
  Graph& graph = *model->graph;

  explicit Maker(std::vector<std::string> inputs = {"x"}, Shape shape = {Dim(2), Dim(4)}) {
    model->opset_imports.set("", kNewestOpset);
    for (std::string& name : inputs) graph.add_input(std::move(name), Type::tensor(DataType::kFloat, shape));
  }

  Value* input(size_t index = 0) const { return graph.inputs()[index]; }
  Value* constant(Tensor tensor) { return graph.add_initializer("", std::move(tensor)); }
  // The node's output; both are called `name`.
  Value* node(const std::string& op_type, std::vector<Value*> inputs, const std::string& name) {
    Node* made = graph.add_node(op_type, std::move(inputs), 1, "", name);
    graph.rename(made->output(0), name);
    return made->output(0);
  }
  void output(Value* value) {
    if (value->type().is_none()) value->set_type(Type::tensor(DataType::kFloat));
    graph.add_output(value);
  }
};

inline Comparison compare(const Maker& a, const Maker& b, CompareOptions options = {}) {
  const auto& native = backends::find_backend("native");
  backends::CompileOptions one_thread;
  one_thread.threads = 1;
  return compare_models({"A", {"", a.model}, &native, one_thread}, {"B", {"", b.model}, &native, one_thread},
                        options);
}

}  // namespace slipway::workbench
