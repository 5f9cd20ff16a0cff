// Writes calls into a block at one place, and knows where symbolic sizes can be had there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "torch/ir/block.hpp"

namespace slipway::torch::ir {

class Emitter {
 public:
  explicit Emitter(Block& block) : block_(block) {}

  // Calls are written before `position` from now on, as coming from `origin`.
  void move_to(std::list<Call>::iterator position, Origin origin);

  // A call that makes one tensor of this type and size; `into` if it is to define that value.
  Value* make(std::string target, std::vector<NamedArgument> arguments, DataType type, Shape sizes,
              Value* into = nullptr);
  // A call that makes several; nullptr among `outputs` are not used.
  void call(std::string target, std::vector<NamedArgument> arguments, std::vector<Value*> outputs);
  Value* new_tensor(std::string like, DataType type, Shape sizes);

  // Tensors and numbers that are defined from here on: what sizes they have can be asked of them.
  void defined(Value* value);
  // Numbers, and calls of aten.sym_size where they are none. Throws kUnsupported for a size that no tensor
  // has.
  std::vector<Int> sizes(const Shape& shape);
  // As `sizes`, with -1 for one size that is no number where the others leave no doubt.
  std::vector<Int> view_sizes(const Shape& shape);

  Block& block() { return block_; }
  const Origin& origin() const { return origin_; }
  std::list<Call>::iterator position() const { return position_; }

 private:
  struct Source {
    Value* value = nullptr;  // a number, or a tensor and its axis
    int64_t axis = -1;
  };
  Int size(const Dim& dim);

  Block& block_;
  std::list<Call>::iterator position_;
  Origin origin_;
  std::map<std::string, Source> sources_;  // by the spelling of the size
};

Argument of(Value* value);
Argument of(int64_t number);
Argument of(const std::vector<int64_t>& numbers);

}  // namespace slipway::torch::ir
