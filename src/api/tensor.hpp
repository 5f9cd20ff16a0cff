// The handle of a tensor.
#pragma once

#include <string>

#include "api/arguments.hpp"
#include "slipway/slipway.h"
#include "tensor/tensor.hpp"

struct slipway_tensor : slipway::api::Tagged<0x534C5401> {
  static constexpr const char* kKind = "slipway_tensor";
  // `content` is contiguous.
  explicit slipway_tensor(slipway::Tensor content);

  slipway::Tensor content;
  slipway_tensor_info info;
};

namespace slipway::api {

// Throws kInvalidArgument for more than SLIPWAY_MAX_RANK dimensions and for sizes below 0.
Dims checked_dims(const int64_t* dims, size_t rank);

}  // namespace slipway::api
