// A set of element types, as a schema's type constraint states it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "tensor/data_type.hpp"

namespace slipway::ops {

class TypeSet {
 public:
  constexpr TypeSet() = default;
  constexpr TypeSet(std::initializer_list<DataType> types) {
    for (DataType type : types) bits_ |= bit(type);
  }
  constexpr bool contains(DataType type) const { return (bits_ & bit(type)) != 0; }
  // "f32, f64", for messages.
  std::string to_string() const;
  friend constexpr TypeSet operator|(TypeSet a, TypeSet b) {
    TypeSet both;
    both.bits_ = a.bits_ | b.bits_;
    return both;
  }

 private:
  static constexpr uint32_t bit(DataType type) { return 1u << static_cast<uint32_t>(type); }
  uint32_t bits_ = 0;
};

inline constexpr TypeSet kIeeeFloats{DataType::kFloat16, DataType::kFloat, DataType::kDouble};
inline constexpr TypeSet kFloats = kIeeeFloats | TypeSet{DataType::kBfloat16};
inline constexpr TypeSet kSignedIntegers{DataType::kInt8, DataType::kInt16, DataType::kInt32,
                                         DataType::kInt64};
inline constexpr TypeSet kUnsignedIntegers{DataType::kUint8, DataType::kUint16, DataType::kUint32,
                                           DataType::kUint64};
inline constexpr TypeSet kIntegers = kSignedIntegers | kUnsignedIntegers;
inline constexpr TypeSet kNumbers = kFloats | kIntegers;
// What matrix products and most reductions take.
inline constexpr TypeSet kWideNumbers =
    kFloats | TypeSet{DataType::kInt32, DataType::kInt64, DataType::kUint32, DataType::kUint64};
inline constexpr TypeSet kFloat8s{DataType::kFloat8e4m3fn, DataType::kFloat8e4m3fnuz, DataType::kFloat8e5m2,
                                  DataType::kFloat8e5m2fnuz, DataType::kFloat8e8m0};
inline constexpr TypeSet kPacked{DataType::kUint4, DataType::kInt4, DataType::kFloat4e2m1, DataType::kUint2,
                                 DataType::kInt2};
// Every type that ONNX's "all tensor types" means for operators that only move elements: the older ones of
// them take what there was before float8 came.
inline constexpr TypeSet kMovable =
    kNumbers | TypeSet{DataType::kBool, DataType::kString, DataType::kComplex64, DataType::kComplex128};
inline constexpr TypeSet kAnyTensor = kMovable | kFloat8s | kPacked;

}  // namespace slipway::ops
