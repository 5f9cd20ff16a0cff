// The C++ type of each element type that has whole bytes, and the way back. Types below 8 bits are packed and
// have no C++ type of their own: see packed.hpp.
#pragma once

#include <complex>
#include <cstdint>

#include "base/counted_allocator.hpp"
#include "tensor/data_type.hpp"
#include "tensor/small_float.hpp"

namespace slipway {

template <typename T>
inline constexpr DataType data_type_of = DataType::kUndefined;
template <>
inline constexpr DataType data_type_of<float> = DataType::kFloat;
template <>
inline constexpr DataType data_type_of<double> = DataType::kDouble;
template <>
inline constexpr DataType data_type_of<uint8_t> = DataType::kUint8;
template <>
inline constexpr DataType data_type_of<int8_t> = DataType::kInt8;
template <>
inline constexpr DataType data_type_of<uint16_t> = DataType::kUint16;
template <>
inline constexpr DataType data_type_of<int16_t> = DataType::kInt16;
template <>
inline constexpr DataType data_type_of<uint32_t> = DataType::kUint32;
template <>
inline constexpr DataType data_type_of<int32_t> = DataType::kInt32;
template <>
inline constexpr DataType data_type_of<uint64_t> = DataType::kUint64;
template <>
inline constexpr DataType data_type_of<int64_t> = DataType::kInt64;
template <>
inline constexpr DataType data_type_of<bool> = DataType::kBool;
template <>
inline constexpr DataType data_type_of<Text> = DataType::kString;
template <>
inline constexpr DataType data_type_of<std::complex<float>> = DataType::kComplex64;
template <>
inline constexpr DataType data_type_of<std::complex<double>> = DataType::kComplex128;
template <>
inline constexpr DataType data_type_of<Float16> = DataType::kFloat16;
template <>
inline constexpr DataType data_type_of<Bfloat16> = DataType::kBfloat16;
template <>
inline constexpr DataType data_type_of<Float8e4m3fn> = DataType::kFloat8e4m3fn;
template <>
inline constexpr DataType data_type_of<Float8e4m3fnuz> = DataType::kFloat8e4m3fnuz;
template <>
inline constexpr DataType data_type_of<Float8e5m2> = DataType::kFloat8e5m2;
template <>
inline constexpr DataType data_type_of<Float8e5m2fnuz> = DataType::kFloat8e5m2fnuz;
template <>
inline constexpr DataType data_type_of<Float8e8m0> = DataType::kFloat8e8m0;

[[noreturn]] void throw_count_mismatch(int64_t expected, size_t got);

}  // namespace slipway
