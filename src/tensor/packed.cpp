#include "tensor/packed.hpp"

#include "base/error.hpp"
#include "tensor/small_float.hpp"

namespace slipway {
namespace {

struct Position {
  size_t byte;
  int shift;
  uint8_t mask;
};

Position position_of(DataType type, int64_t index) {
  const int bits = bits_of(type);
  const int64_t per_byte = 8 / bits;
  return {static_cast<size_t>(index / per_byte), static_cast<int>(index % per_byte) * bits,
          static_cast<uint8_t>((1 << bits) - 1)};
}

}  // namespace

bool is_packed(DataType type) {
  return bits_of(type) > 0 && bits_of(type) < 8;
}

uint8_t read_packed(DataType type, const void* data, int64_t index) {
  const Position position = position_of(type, index);
  const uint8_t byte = static_cast<const uint8_t*>(data)[position.byte];
  return static_cast<uint8_t>(byte >> position.shift & position.mask);
}

void write_packed(DataType type, void* data, int64_t index, uint8_t bits) {
  const Position position = position_of(type, index);
  uint8_t& byte = static_cast<uint8_t*>(data)[position.byte];
  const int others = byte & ~(position.mask << position.shift);
  byte = static_cast<uint8_t>(others | (bits & position.mask) << position.shift);
}

float decode_packed(DataType type, uint8_t bits) {
  switch (type) {
    case DataType::kUint4:
    case DataType::kUint2:
      return bits;
    case DataType::kInt4:
      return static_cast<float>(bits < 8 ? bits : bits - 16);
    case DataType::kInt2:
      return static_cast<float>(bits < 2 ? bits : bits - 4);
    case DataType::kFloat4e2m1:
      return decode_small_float(SmallFloatKind::kFloat4e2m1, bits);
    default:
      fail(ErrorCode::kInternal, "type {} is not packed", name_of(type));
  }
}

uint8_t encode_packed_integer(DataType type, int64_t value) {
  return static_cast<uint8_t>(value & ((1 << bits_of(type)) - 1));
}

void clear_padding(Tensor& tensor) {
  if (is_packed(tensor.type()) && !tensor.empty())
    static_cast<std::byte*>(tensor.raw())[tensor.bytes() - 1] = std::byte{0};
}

}  // namespace slipway
