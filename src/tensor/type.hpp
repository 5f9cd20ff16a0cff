// The type of a value as a model states it: a tensor of an element type and perhaps a shape, or a sequence,
// map or optional of further types.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tensor/data_type.hpp"
#include "tensor/dim.hpp"

namespace slipway {

class Type {
 public:
  enum class Kind : uint8_t { kNone, kTensor, kSparseTensor, kSequence, kMap, kOptional };

  Type() = default;  // kNone: nothing is stated
  static Type tensor(DataType element, std::optional<Shape> shape = std::nullopt);
  static Type sparse_tensor(DataType element, std::optional<Shape> shape = std::nullopt);
  static Type sequence(Type element);
  static Type optional(Type element);
  static Type map(DataType key, Type value);

  Kind kind() const { return kind_; }
  bool is_none() const { return kind_ == Kind::kNone; }
  bool is_tensor() const { return kind_ == Kind::kTensor; }

  DataType element_type() const { return element_; }            // of tensors; the key's of maps
  const std::optional<Shape>& shape() const { return shape_; }  // of tensors; nothing: rank unknown
  const Type& inner() const { return *inner_; }                 // of sequences, optionals, maps (the value's)
  bool has_inner() const { return inner_ != nullptr; }

  // "f32[1,3,h,w]", "f32[...]" when the rank is unknown, "seq(f32[?])", "?" for none.
  std::string to_string() const;

  friend bool operator==(const Type& a, const Type& b);

 private:
  Kind kind_ = Kind::kNone;
  DataType element_ = DataType::kUndefined;
  std::optional<Shape> shape_;
  std::shared_ptr<const Type> inner_;
};

}  // namespace slipway
