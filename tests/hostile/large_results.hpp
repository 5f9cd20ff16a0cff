// Small models whose results, or whose operators' working memory, are gigabytes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/random_model.hpp"
#include "hostile/run_model.hpp"
#include "workbench/peak_memory.hpp"

namespace slipway::hostile {

using Values = std::vector<Value*>;

// A model in the making. Where sizes are `hidden`, no inference can know them: they are worked out from what
// an input holds while the model runs.
struct LargeResult {
  explicit LargeResult(bool are_hidden) : hidden(are_hidden) {}

  engine::GraphMaker maker;
  std::vector<RuntimeValue> inputs;
  bool hidden;
  // Of the process once the inputs are made, which are the caller's.
  size_t bytes_at_rest = 0;

  Graph& graph() { return maker.graph(); }

  Value* input(Tensor value) {
    Value* made =
        graph().add_input(fmt::format("x{}", inputs.size()),
                          Type::tensor(value.type(), Shape(value.dims().begin(), value.dims().end())));
    inputs.emplace_back(std::move(value));
    return made;
  }
  // All elements 0, or empty strings.
  Value* input(DataType type, Dims dims) {
    Tensor value(type, std::move(dims));
    if (type != DataType::kString) std::memset(value.raw(), 0, value.bytes());
    return input(std::move(value));
  }
  Value* floats(Dims dims) { return input(DataType::kFloat, std::move(dims)); }
  Value* text(size_t length) {
    return input(Tensor::from<std::string>({1}, std::vector{std::string(length, 'a')}));
  }
  Value* constant(Tensor value) { return graph().add_initializer("c", std::move(value)); }

  // A list of sizes, as i64.
  Value* sizes(const Ints& list) {
    if (!hidden) return constant(Tensor::from<int64_t>({int64_t(list.size())}, list));
    Tensor numbers(DataType::kDouble, {1, int64_t(list.size())});
    for (size_t i = 0; i < list.size(); ++i) numbers.data<double>()[i] = static_cast<double>(list[i]);
    Value* cast = maker.node("Cast", {input(std::move(numbers))}, {{"to", int64_t{7}}});
    return maker.node("Reshape", {cast, constant(Tensor::from<int64_t>({1}, Ints{-1}))});
  }
  Value* size(int64_t number) {
    if (!hidden) return constant(Tensor::scalar(number));
    return maker.node("Reshape", {sizes({number}), constant(Tensor(DataType::kInt64, {0}))});
  }
  // Ends the model with this operator.
  Node* end(const std::string& op_type, Values given, size_t outputs = 1) {
    Node* node = graph().add_node(op_type, std::move(given), outputs);
    for (Value* output : node->outputs()) graph().add_output(output);
    return node;
  }
};

struct LargeCase {
  const char* name;
  const char* op_type;  // that the error names
  std::function<void(LargeResult&)> make;
  bool can_be_hidden = true;
  bool may_pass = false;  // there is a way to compute it in little memory
};

std::vector<LargeCase> large_cases();

inline void PrintTo(const LargeCase& one, std::ostream* out) {
  *out << one.name;
}

}  // namespace slipway::hostile
