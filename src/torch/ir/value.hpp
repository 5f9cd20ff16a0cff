// What a program's calls pass to each other: tensors, and the numbers that sizes are computed with.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tensor/data_type.hpp"
#include "tensor/dim.hpp"

namespace slipway::torch::ir {

struct Call;

// What the tracer knew of a tensor. A size or stride that is no expression of Dim's is unknown.
struct TensorMeta {
  DataType type = DataType::kUndefined;
  Shape sizes;
  Shape strides;   // in elements; empty when nothing is said
  Dim offset = 0;  // of the first element in its storage, in elements
};

enum class ValueKind : uint8_t { kTensor, kInt, kFloat, kBool, kOther };

struct Value {
  std::string name;  // unique in its block
  ValueKind kind = ValueKind::kTensor;
  TensorMeta meta;        // of tensors
  Dim expression;         // of kInt: over the program's symbols; unknown when it is none
  Call* maker = nullptr;  // nullptr: an input of its block

  // "relu: f32[s0,4,8,8]", for messages.
  std::string describe() const;
};

}  // namespace slipway::torch::ir
