// ONNX's numbers of element types, as both the C API and DataType have them.
#pragma once

#include "slipway/slipway.h"
#include "tensor/data_type.hpp"

namespace slipway::api {

// Throws kInvalidArgument when `type` is none of ONNX's.
DataType checked_data_type(slipway_element_type type);

}  // namespace slipway::api
