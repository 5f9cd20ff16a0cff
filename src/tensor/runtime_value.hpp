// What flows along an edge while a model runs: a tensor, a sequence of values, a map, or nothing (an empty
// optional).
#pragma once

#include <memory>
#include <variant>

#include "base/counted_allocator.hpp"
#include "tensor/tensor.hpp"
#include "tensor/type.hpp"

namespace slipway {

class RuntimeValue;
using Sequence = CountedVector<RuntimeValue>;
template <>
inline constexpr size_t kBytesElsewhere<RuntimeValue> = kBytesElsewhere<Tensor>;

// Keys (i64 or strings) and what belongs to each, in the same order: two tensors of one axis.
struct Map {
  Tensor keys;
  Tensor values;
};

class RuntimeValue {
 public:
  RuntimeValue() = default;                                     // an empty optional
  RuntimeValue(Tensor tensor) : content_(std::move(tensor)) {}  // NOLINT: a tensor is a value
  RuntimeValue(Sequence sequence);                              // NOLINT: so is a sequence
  // Throws kInvalidArgument when keys and values are no two tensors of one axis and as many elements.
  RuntimeValue(Map map);  // NOLINT: and a map

  bool has_value() const { return !std::holds_alternative<std::monostate>(content_); }
  bool is_tensor() const { return std::holds_alternative<Tensor>(content_); }
  bool is_sequence() const { return std::holds_alternative<std::shared_ptr<const Sequence>>(content_); }
  bool is_map() const { return std::holds_alternative<std::shared_ptr<const Map>>(content_); }
  // "a tensor", "a sequence", "a map" or "an empty optional", for messages.
  const char* kind_name() const;

  // Throw kInvalidArgument when the value is of another kind.
  const Tensor& tensor() const;
  Tensor& tensor();
  const Sequence& sequence() const;
  // The sequence to change: itself when nobody else has it, else a copy. This value is empty afterwards.
  Sequence take_sequence();
  const Map& map() const;

 private:
  // Sequences are immutable and shared: appending in a loop makes a new one whose elements share buffers.
  // So are maps.
  std::variant<std::monostate, Tensor, std::shared_ptr<const Sequence>, std::shared_ptr<const Map>> content_;
};

}  // namespace slipway
