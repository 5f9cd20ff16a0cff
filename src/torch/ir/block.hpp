// Calls in the order in which they happen, and the values that they make and take. A program has one block;
// what its control flow runs (both ways of a cond, the body of a loop) are blocks among a call's arguments.
// A block sees its own values only: what it needs from outside is passed to it.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "torch/ir/argument.hpp"
#include "torch/ir/value.hpp"

namespace slipway::torch::ir {

// Where a call comes from in the user's program.
struct Origin {
  std::string module_path;  // "layer1.0.conv1"; "" is the model itself
  std::string module_type;  // "torch.nn.modules.conv.Conv2d"
  // The innermost line of the user's own source, "model.py:41"; "" when nothing is said.
  std::string source;
};

// One application of an operator.
struct Call {
  // "aten.add_.Tensor", "higher_order.cond", "_operator.mul", "torchvision.nms.default"
  std::string target;
  std::vector<NamedArgument> arguments;  // in the schema's order; those that have their default may be absent
  // One behind the other where an operator returns lists of tensors; nullptr for results that are not used.
  std::vector<Value*> outputs;
  Origin origin;

  // nullptr when it is absent (or None).
  const Argument* find(std::string_view name) const;
  Argument* find(std::string_view name);
  void set(std::string_view name, Argument argument);
};

struct Block {
  Block() = default;
  // Values and calls stay where they are when a block is moved.
  Block(Block&&) noexcept = default;
  Block& operator=(Block&&) noexcept = default;

  std::vector<Value*> inputs;
  std::vector<Argument> outputs;  // values or constants
  std::list<Call> calls;          // pointers to calls stay valid

  // A new value called `like`, or like it when there is one of this name. Lives as long as the block.
  Value* add_value(std::string like, ValueKind kind = ValueKind::kTensor);

  const std::deque<Value>& values() const { return values_; }
  std::deque<Value>& values() { return values_; }
  // nullptr when there is none.
  Value* find_value(std::string_view name);

 private:
  std::deque<Value> values_;
  std::unordered_map<std::string, Value*> names_;
  std::unordered_map<std::string, size_t> numbers_;  // the last ones behind names that were taken
};

}  // namespace slipway::torch::ir
