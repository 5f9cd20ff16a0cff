#include "tensor/data_type.hpp"

#include <array>
#include <limits>
#include <string>

#include "base/error.hpp"

namespace slipway {
namespace {

enum class Kind { kNone, kFloat, kInteger, kOther };

struct TypeFacts {
  std::string_view name;
  std::string_view onnx_name;
  int bits;
  Kind kind;
};

constexpr std::array<TypeFacts, kDataTypeCount> kFacts = {{
    {"undefined", "undefined", 0, Kind::kNone},
    {"f32", "float", 32, Kind::kFloat},
    {"u8", "uint8", 8, Kind::kInteger},
    {"i8", "int8", 8, Kind::kInteger},
    {"u16", "uint16", 16, Kind::kInteger},
    {"i16", "int16", 16, Kind::kInteger},
    {"i32", "int32", 32, Kind::kInteger},
    {"i64", "int64", 64, Kind::kInteger},
    {"string", "string", 0, Kind::kOther},
    {"bool", "bool", 8, Kind::kOther},
    {"f16", "float16", 16, Kind::kFloat},
    {"f64", "double", 64, Kind::kFloat},
    {"u32", "uint32", 32, Kind::kInteger},
    {"u64", "uint64", 64, Kind::kInteger},
    {"c64", "complex64", 64, Kind::kOther},
    {"c128", "complex128", 128, Kind::kOther},
    {"bf16", "bfloat16", 16, Kind::kFloat},
    {"f8e4m3fn", "float8e4m3fn", 8, Kind::kFloat},
    {"f8e4m3fnuz", "float8e4m3fnuz", 8, Kind::kFloat},
    {"f8e5m2", "float8e5m2", 8, Kind::kFloat},
    {"f8e5m2fnuz", "float8e5m2fnuz", 8, Kind::kFloat},
    {"u4", "uint4", 4, Kind::kInteger},
    {"i4", "int4", 4, Kind::kInteger},
    {"f4e2m1", "float4e2m1", 4, Kind::kFloat},
    {"f8e8m0", "float8e8m0", 8, Kind::kFloat},
    {"u2", "uint2", 2, Kind::kInteger},
    {"i2", "int2", 2, Kind::kInteger},
}};

const TypeFacts& facts_of(DataType type) {
  return kFacts.at(static_cast<size_t>(type));
}

}  // namespace

bool is_data_type(int64_t number) {
  return number > 0 && number < kDataTypeCount;
}

int bits_of(DataType type) {
  return facts_of(type).bits;
}

size_t bytes_for(DataType type, int64_t count) {
  const size_t bits =
      type == DataType::kString ? sizeof(std::string) * 8 : static_cast<size_t>(facts_of(type).bits);
  const size_t elements = static_cast<size_t>(count);
  if (count < 0 || (bits != 0 && elements > (std::numeric_limits<size_t>::max() - 7) / bits))
    fail(ErrorCode::kOutOfMemory, "a tensor of {} elements of type {} is too large", count, name_of(type));
  return (elements * bits + 7) / 8;
}

std::string_view name_of(DataType type) {
  return facts_of(type).name;
}
std::string_view onnx_name_of(DataType type) {
  return facts_of(type).onnx_name;
}

std::optional<DataType> data_type_from_name(std::string_view name) {
  for (int number = 1; number < kDataTypeCount; ++number) {
    const TypeFacts& facts = kFacts[static_cast<size_t>(number)];
    if (name == facts.name || name == facts.onnx_name) return static_cast<DataType>(number);
  }
  return std::nullopt;
}

bool is_integer(DataType type) {
  return facts_of(type).kind == Kind::kInteger;
}
bool is_floating_point(DataType type) {
  return facts_of(type).kind == Kind::kFloat;
}

}  // namespace slipway
