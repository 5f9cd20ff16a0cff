#include "api/element_type.hpp"

#include "base/error.hpp"

namespace slipway::api {

static_assert(static_cast<int32_t>(DataType::kFloat) == SLIPWAY_FLOAT);
static_assert(static_cast<int32_t>(DataType::kString) == SLIPWAY_STRING);
static_assert(static_cast<int32_t>(DataType::kComplex128) == SLIPWAY_COMPLEX128);
static_assert(static_cast<int32_t>(DataType::kInt2) == SLIPWAY_INT2 && kDataTypeCount == SLIPWAY_INT2 + 1);

DataType checked_data_type(slipway_element_type type) {
  if (!is_data_type(type))
    fail(ErrorCode::kInvalidArgument, "{} is no element type; they go from 1 to {}", type,
         kDataTypeCount - 1);
  return static_cast<DataType>(type);
}

}  // namespace slipway::api

const char* slipway_element_type_name(slipway_element_type type) {
  using namespace slipway;
  // The names are literals, which end with NUL.
  return onnx_name_of(is_data_type(type) ? static_cast<DataType>(type) : DataType::kUndefined).data();
}
