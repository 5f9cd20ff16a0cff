// What flows along an edge while a model runs: a tensor, a sequence of values, or nothing (an empty
// optional).
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "tensor/tensor.hpp"
#include "tensor/type.hpp"

namespace slipway {

class RuntimeValue;
using Sequence = std::vector<RuntimeValue>;

class RuntimeValue {
 public:
  RuntimeValue() = default;                                     // an empty optional
  RuntimeValue(Tensor tensor) : content_(std::move(tensor)) {}  // NOLINT: a tensor is a value
  RuntimeValue(Sequence sequence);                              // NOLINT: so is a sequence

  bool has_value() const { return !std::holds_alternative<std::monostate>(content_); }
  bool is_tensor() const { return std::holds_alternative<Tensor>(content_); }
  bool is_sequence() const { return std::holds_alternative<std::shared_ptr<const Sequence>>(content_); }

  // Throw kInvalidArgument when the value is of another kind.
  const Tensor& tensor() const;
  Tensor& tensor();
  const Sequence& sequence() const;
  // The sequence to change: itself when nobody else has it, else a copy. This value is empty afterwards.
  Sequence take_sequence();

 private:
  // Sequences are immutable and shared: appending in a loop makes a new one whose elements share buffers.
  std::variant<std::monostate, Tensor, std::shared_ptr<const Sequence>> content_;
};

}  // namespace slipway
