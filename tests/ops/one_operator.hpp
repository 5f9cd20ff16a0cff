// One operator alone: what inference states of its output, and what its reference kernel computes.
//
//   const OneOperator softmax("Softmax", {Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 4})},
//                             {{"axis", int64_t{1}}});
//   EXPECT_EQ(softmax.output_type(), "f32[n,4]");
//   const Tensor probabilities = softmax.run({tensor});
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ops/infer_types.hpp"
#include "reference/interpreter.hpp"

namespace slipway::ops {

class OneOperator {
 public:
  // An attribute as a list can hold it: Attribute::Content cannot be copied.
  using Setting =
      std::pair<std::string,
                std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>>>;

  // A node with one input for each of these types.
  OneOperator(const std::string& op_type, const std::vector<Type>& input_types,
              const std::vector<Setting>& settings = {}) {
    std::vector<Value*> inputs;
    for (const Type& type : input_types)
      inputs.push_back(graph_.add_input("input" + std::to_string(inputs.size()), type));
    node_ = graph_.add_node(op_type, inputs);
    for (const auto& [name, value] : settings)
      std::visit([&, key = name](const auto& content) { node_->set_attribute(key, content); }, value);
  }

  // Of output 0, as Type::to_string() spells it. Throws what the schema's check and the inference throw.
  std::string output_type() const {
    return infer_types_for(graph_, standard_operators(), {}).type(node_->output(0)).to_string();
  }

  // Output 0 by the reference kernel. Throws what that throws.
  Tensor run(const std::vector<RuntimeValue>& inputs) const {
    return reference::run_node(*node_, inputs, standard_operators()).at(0).tensor();
  }

 private:
  Graph graph_;
  Node* node_;
};

}  // namespace slipway::ops
