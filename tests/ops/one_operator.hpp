// One operator alone: what inference states of its output, and what its reference kernel computes.
//
//   const OneOperator softmax("Softmax", {Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 4})},
//                             {{"axis", int64_t{1}}});
//   EXPECT_EQ(softmax.output_type(), "f32[n,4]");
//   const Tensor probabilities = softmax.run({tensor});
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/infer_types.hpp"
#include "reference/interpreter.hpp"

namespace slipway::ops {

class OneOperator {
 public:
  // An attribute as a list can hold it: Attribute::Content cannot be copied.
  using Setting = std::pair<std::string, std::variant<int64_t, float, std::string, std::vector<int64_t>,
                                                      std::vector<float>, std::vector<std::string>>>;

  // A node with one input for each of these types; an input of no type is absent. Operators of other domains
  // than the standard's own are called "ai.onnx.ml:Scaler".
  OneOperator(const std::string& op_type, const std::vector<Type>& input_types,
              const std::vector<Setting>& settings = {}, size_t output_count = 1) {
    std::vector<Value*> inputs;
    for (const Type& type : input_types)
      inputs.push_back(type.is_none() ? nullptr
                                      : graph_.add_input("input" + std::to_string(inputs.size()), type));
    const size_t colon = op_type.find(':');
    node_ = colon == op_type.npos
                ? graph_.add_node(op_type, inputs, output_count)
                : graph_.add_node(op_type.substr(colon + 1), inputs, output_count, op_type.substr(0, colon));
    for (const auto& [name, value] : settings)
      std::visit([&, key = name](const auto& content) { node_->set_attribute(key, content); }, value);
  }

  // The value of input `index` is known to inference.
  OneOperator& know(size_t index, Tensor value) {
    options_.input_values.insert_or_assign("input" + std::to_string(index), std::move(value));
    return *this;
  }

  // As Type::to_string() spells it. Throws what the schema's check and the inference throw.
  std::string output_type(size_t output = 0) const {
    return infer_types_for(graph_, standard_operators(), options_).type(node_->output(output)).to_string();
  }

  // An output by the reference kernel. Throws what that throws.
  Tensor run(const std::vector<RuntimeValue>& inputs, size_t output = 0) const {
    return reference::run_node(*node_, inputs, standard_operators()).at(output).tensor();
  }

 private:
  Graph graph_;
  Node* node_;
  InferenceOptions options_;
};

// Of any numeric type, for comparisons.
inline std::vector<double> elements(const Tensor& tensor) {
  const Tensor wide = cast_elements(tensor, DataType::kDouble);
  return {wide.data<double>().begin(), wide.data<double>().end()};
}

// Elements of any numeric type from numbers.
inline Tensor tensor_of(DataType type, Dims dims, const std::vector<double>& values) {
  return cast_elements(Tensor::from<double>(std::move(dims), values), type);
}

// The type that a tensor has.
inline Type type_of(const Tensor& tensor) {
  return Type::tensor(tensor.type(), Shape(tensor.dims().begin(), tensor.dims().end()));
}

// Output 0 of an operator for these inputs, undefined tensors being absent ones, after a check of its schema
// and of what inference states of that output.
inline Tensor run_operator(const std::string& op_type, const std::vector<Tensor>& inputs,
                           const std::vector<OneOperator::Setting>& settings = {}, size_t output = 0,
                           size_t output_count = 1) {
  std::vector<Type> types;
  std::vector<RuntimeValue> values;
  for (const Tensor& input : inputs) {
    types.push_back(input.defined() ? type_of(input) : Type());
    values.push_back(input.defined() ? RuntimeValue(input) : RuntimeValue());
  }
  OneOperator operation(op_type, types, settings, output_count);
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].defined()) operation.know(i, inputs[i]);
  const std::string stated = operation.output_type(output);
  Tensor result = operation.run(values, output);
  if (stated != type_of(result).to_string())
    fail(ErrorCode::kInternal, "inference states {}, but {} comes out", stated, result.describe());
  return result;
}

// For tests that name types often.
constexpr DataType kFloat = DataType::kFloat;

template <typename T>
Tensor tensor(const Dims& dims, const std::vector<T>& values) {
  return Tensor::from<T>(dims, values);
}

template <typename Run>
void expect_error(Run run, const char* text) {
  EXPECT_THAT(run, ::testing::ThrowsMessage<Error>(::testing::HasSubstr(text)));
}

// A matcher of elements that were computed in single precision.
inline auto near(const std::vector<double>& values) {
  return ::testing::Pointwise(::testing::DoubleNear(2e-6), values);
}

inline Tensor integers(const std::vector<int64_t>& values) {
  return Tensor::from<int64_t>({static_cast<int64_t>(values.size())}, values);
}

}  // namespace slipway::ops
