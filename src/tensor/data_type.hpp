// ONNX's tensor element types. The enumerators' numbers are TensorProto.DataType's, so that they can be read
// from and written to files as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace slipway {

enum class DataType : int32_t {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kComplex64 = 14,
  kComplex128 = 15,
  kBfloat16 = 16,
  kFloat8e4m3fn = 17,
  kFloat8e4m3fnuz = 18,
  kFloat8e5m2 = 19,
  kFloat8e5m2fnuz = 20,
  kUint4 = 21,
  kInt4 = 22,
  kFloat4e2m1 = 23,
  kFloat8e8m0 = 24,
  kUint2 = 25,
  kInt2 = 26,
};

inline constexpr int kDataTypeCount = 27;

// Is `number` (as a file states it) one of the types above, kUndefined excluded?
bool is_data_type(int64_t number);

// Bits of one element; 0 for kString and kUndefined. Types below 8 bits are packed, low bits first, as in
// TensorProto.raw_data.
int bits_of(DataType type);

// Bytes that `count` contiguous elements take, the last byte padded. Strings count sizeof(std::string).
// Throws kOutOfMemory when the number does not fit into a size_t.
size_t bytes_for(DataType type, int64_t count);

// The short name that Slipway prints and reads: "f32", "bf16", "i64", "bool", "string", "f8e4m3fn".
std::string_view name_of(DataType type);

// ONNX's name as in its operator schemas: "float", "bfloat16", "int64", "float8e4m3fn".
std::string_view onnx_name_of(DataType type);

// The type of either kind of name, or nothing.
std::optional<DataType> data_type_from_name(std::string_view name);

bool is_integer(DataType type);         // signed or unsigned, of any width; not bool
bool is_floating_point(DataType type);  // f64 down to float4; not complex

}  // namespace slipway
