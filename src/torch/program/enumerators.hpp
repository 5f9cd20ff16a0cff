// The numbers by which exported programs call element types, layouts and memory formats.
#pragma once

#include <cstdint>
#include <string>

#include "tensor/data_type.hpp"

namespace slipway::torch {

// Throw kUnsupported for what ONNX does not have ("complex32"), kInvalidModel for no such number.
DataType program_data_type(int64_t number);
// "strided", "sparse_coo"
std::string program_layout(int64_t number);
// "contiguous_format", "channels_last"
std::string program_memory_format(int64_t number);

inline constexpr int64_t kStridedLayout = 7;

}  // namespace slipway::torch
