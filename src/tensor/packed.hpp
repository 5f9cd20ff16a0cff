// Elements below 8 bits (u4, i4, f4e2m1, u2, i2): they lie side by side in bytes, the first one in the lowest
// bits, as in TensorProto.raw_data. A tensor's last byte may have bits that belong to no element.
#pragma once

#include <cstdint>

#include "tensor/data_type.hpp"
#include "tensor/tensor.hpp"

namespace slipway {

bool is_packed(DataType type);

// The bits of element `index`, in the low end. `type` is a packed one and the element is there: not checked.
uint8_t read_packed(DataType type, const void* data, int64_t index);
// Writes the low bits of `bits` and leaves the neighbours alone. Two threads must not write to one byte.
void write_packed(DataType type, void* data, int64_t index, uint8_t bits);

// The number that the bits stand for, and back for integers: the low bits of the two's complement, as ONNX's
// Cast has it. Floats are encoded by encode_small_float.
float decode_packed(DataType type, uint8_t bits);
uint8_t encode_packed_integer(DataType type, int64_t value);

// Zeros the last byte of a packed tensor that is about to be written element by element: behind the last
// element, nobody would. Other tensors stay as they are.
void clear_padding(Tensor& tensor);

}  // namespace slipway
