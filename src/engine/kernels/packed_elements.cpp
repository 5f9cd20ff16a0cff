#include "engine/kernels/packed_elements.hpp"

#include "ops/quantization.hpp"

namespace slipway::engine {
namespace {

bool is_signed(DataType type) {
  return type == DataType::kInt4 || type == DataType::kInt2;
}

template <typename T, int kBits>
void unpack(const std::byte* in, int64_t count, std::byte* to) {
  constexpr int kEach = 8 / kBits;
  const auto* from = reinterpret_cast<const uint8_t*>(in);
  for (int64_t i = 0; i < count; ++i) {
    const int above = 8 - kBits - static_cast<int>(i % kEach) * kBits;
    to[i] = static_cast<std::byte>(static_cast<T>(from[i / kEach] << above) >> (8 - kBits));
  }
}

template <int kBits>
void pack(const std::byte* from, int64_t count, std::byte* out) {
  constexpr int kEach = 8 / kBits;
  constexpr auto kMask = static_cast<std::byte>((1 << kBits) - 1);
  for (int64_t i = 0; i < count; i += kEach) {
    std::byte together{0};
    for (int j = 0; j < kEach && i + j < count; ++j) together |= (from[i + j] & kMask) << (j * kBits);
    out[i / kEach] = together;
  }
}

}  // namespace

DataType unpacked_type(DataType type) {
  if (!is_packed(type) || !is_integer(type)) return type;
  return is_signed(type) ? DataType::kInt8 : DataType::kUint8;
}

void unpack_elements(DataType type, const std::byte* in, int64_t first, int64_t count, std::byte* to) {
  in += first * bits_of(type) / 8;
  if (bits_of(type) == 4)
    return is_signed(type) ? unpack<int8_t, 4>(in, count, to) : unpack<uint8_t, 4>(in, count, to);
  return is_signed(type) ? unpack<int8_t, 2>(in, count, to) : unpack<uint8_t, 2>(in, count, to);
}

void pack_elements(DataType type, const std::byte* from, std::byte* out, int64_t first, int64_t count) {
  out += first * bits_of(type) / 8;
  return bits_of(type) == 4 ? pack<4>(from, count, out) : pack<2>(from, count, out);
}

Tensor unpacked(const Tensor& packed) {
  Tensor bytes(unpacked_type(packed.type()), packed.dims());
  unpack_elements(packed.type(), bytes_of(packed), 0, packed.count(), static_cast<std::byte*>(bytes.raw()));
  return bytes;
}

bool zero_points_fit(const KernelRequest& request) {
  if (request.input_types.size() < 3 || request.input_types[2] == DataType::kUndefined) return true;
  if (!ops::same_entries(request.shapes.inputs[1], request.shapes.inputs[2])) return false;
  return !is_packed(request.input_types[2]) || request.shapes.constants[2];
}

}  // namespace slipway::engine
