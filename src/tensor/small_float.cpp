#include "tensor/small_float.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace slipway {
namespace {

// What stands where IEEE has infinities and NaN.
enum class Specials {
  kIeee,          // exponent all ones: infinities and NaN
  kOneNan,        // only the pattern of all ones is NaN, no infinities
  kNegativeZero,  // the pattern of negative zero is NaN: one zero, no infinities
  kNone
};

struct Format {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  Specials specials;

  constexpr uint32_t sign() const { return 1U << (exponent_bits + mantissa_bits); }
  // The largest magnitude's pattern.
  constexpr uint32_t largest() const {
    switch (specials) {
      case Specials::kIeee:
        return (((1U << exponent_bits) - 1) << mantissa_bits) - 1;
      case Specials::kOneNan:
        return sign() - 2;
      default:
        return sign() - 1;
    }
  }
  constexpr uint32_t infinity() const { return largest() + 1; }
  constexpr int smallest_exponent() const { return 1 - bias; }
};

// In the order of SmallFloatKind; E8M0 is treated apart.
constexpr std::array<Format, 8> kFormats = {{
    {5, 10, 15, Specials::kIeee},
    {8, 7, 127, Specials::kIeee},
    {4, 3, 7, Specials::kOneNan},
    {4, 3, 8, Specials::kNegativeZero},
    {5, 2, 15, Specials::kIeee},
    {5, 2, 16, Specials::kNegativeZero},
    {8, 0, 127, Specials::kNone},
    {2, 1, 1, Specials::kNone},
}};

constexpr uint32_t kScaleNan = 0xFF;
constexpr uint32_t kLargestScale = 0xFE;

const Format& format_of(SmallFloatKind kind) {
  return kFormats[static_cast<size_t>(kind)];
}

float decode_scale(uint32_t bits) {
  if (bits == kScaleNan) return std::numeric_limits<float>::quiet_NaN();
  return std::ldexp(1.0F, static_cast<int>(bits) - 127);
}

bool is_nan(const Format& format, uint32_t bits) {
  const uint32_t magnitude = bits & (format.sign() - 1);
  switch (format.specials) {
    case Specials::kIeee:
      return magnitude > format.infinity();
    case Specials::kOneNan:
      return magnitude > format.largest();
    case Specials::kNegativeZero:
      return bits == format.sign();
    case Specials::kNone:
      return false;
  }
  return false;
}

uint32_t nan_of(const Format& format, bool negative) {
  const uint32_t sign = negative ? format.sign() : 0;
  switch (format.specials) {
    case Specials::kIeee:  // quiet
      return sign | format.infinity() | 1U << (format.mantissa_bits - 1);
    case Specials::kOneNan:
      return sign | (format.sign() - 1);
    case Specials::kNegativeZero:
      return format.sign();
    case Specials::kNone:
      return format.sign();
  }
  return 0;
}

uint32_t overflow_of(const Format& format, bool negative, bool saturate) {
  const uint32_t sign = negative ? format.sign() : 0;
  if (saturate || format.specials == Specials::kNone) return sign | format.largest();
  if (format.specials == Specials::kIeee) return sign | format.infinity();
  return nan_of(format, negative);
}

// The pattern of a finite magnitude, rounded to nearest, ties to even; may lie beyond the largest.
uint32_t round_magnitude(const Format& format, double magnitude) {
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  exponent -= 1;  // now magnitude is in [2^exponent, 2^(exponent + 1))
  if (magnitude == 0 || exponent < format.smallest_exponent()) exponent = format.smallest_exponent();
  const double units = std::ldexp(magnitude, format.mantissa_bits - exponent);
  // Far beyond the largest: the pattern itself would not fit.
  if (exponent > 2 * format.bias + 2) return format.sign();
  uint32_t whole = static_cast<uint32_t>(units);
  const double rest = units - whole;
  if (rest > 0.5 || (rest == 0.5 && whole % 2 == 1)) ++whole;
  // A subnormal that rounds up to 2^mantissa_bits, and a mantissa that carries, become the next exponent's
  // pattern by the addition itself.
  return (static_cast<uint32_t>(exponent - format.smallest_exponent()) << format.mantissa_bits) + whole;
}

}  // namespace

float decode_small_float(SmallFloatKind kind, uint32_t bits) {
  if (kind == SmallFloatKind::kFloat8e8m0) return decode_scale(bits);
  const Format& format = format_of(kind);
  if (is_nan(format, bits)) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    return bits & format.sign() ? -nan : nan;
  }
  const uint32_t magnitude = bits & (format.sign() - 1);
  const uint32_t field = magnitude >> format.mantissa_bits;
  uint32_t mantissa = magnitude & ((1U << format.mantissa_bits) - 1);
  float value = 0;
  if (format.specials == Specials::kIeee && magnitude == format.infinity()) {
    value = std::numeric_limits<float>::infinity();
  } else {
    if (field > 0) mantissa |= 1U << format.mantissa_bits;
    const int exponent = format.smallest_exponent() + (field > 0 ? static_cast<int>(field) - 1 : 0);
    value = std::ldexp(static_cast<float>(mantissa), exponent - format.mantissa_bits);
  }
  return bits & format.sign() ? -value : value;
}

uint32_t encode_scale(double value, ScaleRounding rounding, bool saturate) {
  if (std::isnan(value) || value < 0) return kScaleNan;
  if (std::isinf(value)) return saturate ? kLargestScale : kScaleNan;
  if (value == 0) return saturate ? 0 : kScaleNan;
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);  // in [0.5, 1)
  int field = exponent - 1 + 127;
  const bool up = (rounding == ScaleRounding::kUp && fraction > 0.5) ||
                  (rounding == ScaleRounding::kNearest && fraction >= 0.75);
  if (up) ++field;
  if (field < 0) return saturate ? 0 : kScaleNan;
  if (field > static_cast<int>(kLargestScale)) return saturate ? kLargestScale : kScaleNan;
  return static_cast<uint32_t>(field);
}

uint32_t encode_small_float(SmallFloatKind kind, double value, bool saturate) {
  if (kind == SmallFloatKind::kFloat8e8m0) return encode_scale(value, ScaleRounding::kNearest, saturate);
  const Format& format = format_of(kind);
  const bool negative = std::signbit(value);
  if (std::isnan(value)) return nan_of(format, negative);
  if (std::isinf(value)) return overflow_of(format, negative, saturate);
  const uint32_t magnitude = round_magnitude(format, std::fabs(value));
  if (magnitude > format.largest()) return overflow_of(format, negative, saturate);
  if (magnitude == 0 && format.specials == Specials::kNegativeZero) return 0;
  return negative ? magnitude | format.sign() : magnitude;
}

}  // namespace slipway
