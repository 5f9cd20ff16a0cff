// Programs of PyTorch's, written call by call.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "torch/ir/print.hpp"
#include "torch/ir/program.hpp"

namespace slipway::torch::ir {

inline Argument arg(Value* value) {
  return {value};
}
inline Argument arg(int64_t number) {
  return {Int{number}};
}
inline Argument arg(int number) {
  return {Int{number}};
}
inline Argument arg(double number) {
  return {Float{number}};
}
inline Argument arg(bool flag) {
  return {Bool{flag}};
}
inline Argument arg(DataType type) {
  return {type};
}
inline Argument ints(std::vector<int64_t> numbers) {
  std::vector<Int> list;
  for (const int64_t number : numbers) list.push_back({number});
  return {std::move(list)};
}

// Row-major tensors, unless strides are given.
inline TensorMeta meta(DataType type, Shape sizes, Shape strides = {}) {
  TensorMeta result{type, std::move(sizes), std::move(strides), 0};
  if (!result.strides.empty() || result.sizes.empty()) return result;
  Dim stride = 1;
  result.strides.resize(result.sizes.size());
  for (size_t axis = result.sizes.size(); axis-- > 0;) {
    result.strides[axis] = stride;
    stride = stride * result.sizes[axis];
  }
  return result;
}

// Adds calls to a block.
class BlockBuilder {
 public:
  explicit BlockBuilder(Block& block) : block_(block) {}

  Value* input(const std::string& name, TensorMeta meta) {
    Value* value = tensor(name, std::move(meta));
    block_.inputs.push_back(value);
    return value;
  }

  // The result takes its name from the target: "clone" of "aten.clone.default".
  Value* call(const std::string& target, std::vector<NamedArgument> arguments, TensorMeta meta) {
    const size_t begin = target.find('.') + 1;
    Value* value = tensor(target.substr(begin, target.find('.', begin) - begin), std::move(meta));
    add(target, std::move(arguments), {value});
    return value;
  }
  std::vector<Value*> call(const std::string& target, std::vector<NamedArgument> arguments,
                           const std::vector<TensorMeta>& metas) {
    const size_t begin = target.find('.') + 1;
    std::vector<Value*> values;
    for (const TensorMeta& meta : metas)
      values.push_back(tensor(target.substr(begin, target.find('.', begin) - begin), meta));
    add(target, std::move(arguments), values);
    return values;
  }

  void output(Value* value) { block_.outputs.push_back({value}); }

 private:
  Value* tensor(const std::string& name, TensorMeta meta) {
    Value* value = block_.add_value(name);
    value->meta = std::move(meta);
    return value;
  }
  void add(const std::string& target, std::vector<NamedArgument> arguments,
           const std::vector<Value*>& outputs) {
    Call& call =
        block_.calls.emplace_back(Call{target, std::move(arguments), outputs, {"", "", "model.py:7"}});
    for (Value* value : outputs) value->maker = &call;
  }

  Block& block_;
};

class ProgramBuilder : public BlockBuilder {
 public:
  ProgramBuilder() : BlockBuilder(program.block) {}

  Value* input(const std::string& name, TensorMeta meta,
               ProgramInput::Kind kind = ProgramInput::Kind::kUser) {
    Value* value = BlockBuilder::input(name, std::move(meta));
    ProgramInput stated;
    stated.kind = kind;
    stated.value = value;
    stated.name = name;
    program.inputs.push_back(std::move(stated));
    return value;
  }
  Value* buffer(const std::string& name, TensorMeta meta) {
    return input(name, std::move(meta), ProgramInput::Kind::kBuffer);
  }
  void output(Value* value) {
    BlockBuilder::output(value);
    program.outputs.push_back({});
  }

  Program program;
};

}  // namespace slipway::torch::ir
