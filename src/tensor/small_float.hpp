// Floating-point types below 32 bits, as ONNX defines them: IEEE half, bfloat16, the five float8 kinds
// (Micikevicius et al., "FP8 Formats for Deep Learning", 2022; the FNUZ kinds of Noune et al., 2022; E8M0 of
// the OCP Microscaling specification) and float4 E2M1. Storage types: convert to float to compute. Conversion
// from float or double rounds once, to nearest, ties to even; what overflows becomes infinity or NaN as the
// format has it (Float4e2m1 saturates).
#pragma once

#include <cstdint>

namespace slipway {

enum class SmallFloatKind : uint8_t {
  kFloat16,
  kBfloat16,
  kFloat8e4m3fn,
  kFloat8e4m3fnuz,
  kFloat8e5m2,
  kFloat8e5m2fnuz,
  kFloat8e8m0,
  kFloat4e2m1
};

// Bits (in the low end) to value and back. `saturate`: values out of range (infinities too, as ONNX's Cast
// has it) become the largest finite one. Only E8M0 has no sign and no zero.
float decode_small_float(SmallFloatKind kind, uint32_t bits);
uint32_t encode_small_float(SmallFloatKind kind, double value, bool saturate = false);

// E8M0, a power of two, with the rounding that ONNX's Cast lets the model choose: up to the next power, down
// to the one before, or to the nearest, ties up. Zero and what is out of range become NaN or, with
// `saturate`, the power that is next; negative values NaN.
enum class ScaleRounding : uint8_t { kUp, kDown, kNearest };
uint32_t encode_scale(double value, ScaleRounding rounding, bool saturate);

template <SmallFloatKind K, typename Bits>
struct SmallFloat {
  Bits bits;
  SmallFloat() = default;
  explicit SmallFloat(double value) : bits(static_cast<Bits>(encode_small_float(K, value))) {}
  explicit operator float() const { return decode_small_float(K, bits); }
  static SmallFloat from_bits(Bits raw) {
    SmallFloat f;
    f.bits = raw;
    return f;
  }
  friend bool operator==(SmallFloat a, SmallFloat b) { return float(a) == float(b); }
};

using Float16 = SmallFloat<SmallFloatKind::kFloat16, uint16_t>;
using Bfloat16 = SmallFloat<SmallFloatKind::kBfloat16, uint16_t>;
using Float8e4m3fn = SmallFloat<SmallFloatKind::kFloat8e4m3fn, uint8_t>;
using Float8e4m3fnuz = SmallFloat<SmallFloatKind::kFloat8e4m3fnuz, uint8_t>;
using Float8e5m2 = SmallFloat<SmallFloatKind::kFloat8e5m2, uint8_t>;
using Float8e5m2fnuz = SmallFloat<SmallFloatKind::kFloat8e5m2fnuz, uint8_t>;
using Float8e8m0 = SmallFloat<SmallFloatKind::kFloat8e8m0, uint8_t>;

}  // namespace slipway
