// Small checks of shapes that several operators need.
#pragma once

#include "base/error.hpp"
#include "tensor/tensor.hpp"

namespace slipway::ops {

// A shape whose dimensions are all known.
inline Shape shape_of(const Tensor& tensor) {
  return {tensor.dims().begin(), tensor.dims().end()};
}

// Both known, and not the same.
inline bool contradict(const Dim& a, const Dim& b) {
  return a.is_known() && b.is_known() && a != b;
}

// Throws kInvalidModel. `what` names the tensor: "the bias".
inline void require_dims(const Tensor& tensor, const char* what, const Dims& expected) {
  if (tensor.dims() != expected)
    fail(ErrorCode::kInvalidModel, "{} has shape {}, but {} is expected", what, to_string(tensor.dims()),
         to_string(expected));
}

}  // namespace slipway::ops
