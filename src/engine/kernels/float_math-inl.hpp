// Functions of f32 vectors: exp, log, tanh, erf and what activations make of them. Included once per
// instruction set, inside of foreach_target; no include guard of the usual kind. Polynomials are minimax fits
// of our own, made in double precision; errors are the largest seen over all floats of the stated range with
// AVX2, in units in the last place (ulp). The same instructions are used for every element, so a result does
// not depend on its place in a vector. libm is not used: its results differ from machine to machine.
#if defined(SLIPWAY_FLOAT_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SLIPWAY_FLOAT_MATH_INL
#undef SLIPWAY_FLOAT_MATH_INL
#else
#define SLIPWAY_FLOAT_MATH_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = HWY_FULL(float);
using FloatVector = hn::Vec<FloatTag>;

HWY_INLINE FloatVector constant(float value) {
  return hn::Set(FloatTag(), value);
}

#if HWY_MEM_OPS_MIGHT_FAULT
// Fewer floats than a vector holds, without a call of the library's copy, which takes longer than they do.
template <size_t kSize = HWY_MAX_BYTES / sizeof(float) / 2>
HWY_INLINE void copy_part(const float* from, int64_t count, float* to) {
  const bool copies = (static_cast<size_t>(count) & kSize) != 0;
  if (copies) __builtin_memcpy(to, from, kSize * sizeof(float));
  if constexpr (kSize > 1)
    copy_part<kSize / 2>(from + (copies ? kSize : 0), count, to + (copies ? kSize : 0));
}
#endif

// `count` floats, less than a vector; `filler` in the other lanes. Reads and writes nothing beyond them.
HWY_INLINE FloatVector load_part(const float* from, int64_t count, float filler) {
  const FloatTag d;
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN float edge[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(constant(filler), d, edge);
  copy_part(from, count, edge);
  return hn::Load(d, edge);
#else
  const auto mask = hn::FirstN(d, static_cast<size_t>(count));
  return hn::IfThenElse(mask, hn::MaskedLoad(mask, d, from), constant(filler));
#endif
}
HWY_INLINE void store_part(FloatVector values, float* to, int64_t count) {
  const FloatTag d;
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN float edge[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(values, d, edge);
  copy_part(edge, count, to);
#else
  hn::BlendedStore(values, hn::FirstN(d, static_cast<size_t>(count)), d, to);
#endif
}

// The last `rest` of `count` floats, fewer than a vector; `filler` in the other lanes. In which lanes they
// are does not matter to the caller, so that a whole vector may be loaded where there is one.
HWY_INLINE FloatVector load_rest(const float* from, int64_t count, int64_t rest, float filler) {
  const FloatTag d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  if (count < lanes) return load_part(from + count - rest, rest, filler);
  const auto before = hn::FirstN(d, static_cast<size_t>(lanes - rest));
  return hn::IfThenElse(before, constant(filler), hn::LoadU(d, from + count - lanes));
}

// c[0] + c[1]·x + c[2]·x² + …
template <size_t kCount>
HWY_INLINE FloatVector polynomial(FloatVector x, const float (&c)[kCount]) {
  FloatVector sum = constant(c[kCount - 1]);
  for (size_t i = 1; i < kCount; ++i) sum = hn::MulAdd(sum, x, constant(c[kCount - 1 - i]));
  return sum;
}

HWY_INLINE FloatVector keep_nan(FloatVector x, FloatVector result) {
  return hn::IfThenElse(hn::IsNaN(x), x, result);
}

// exp(r) - 1 for |r| ≤ ½ ln 2.
HWY_INLINE FloatVector expm1_near(FloatVector r) {
  static constexpr float kTail[] = {0.5f, 0.16666573f, 0.04166686f, 0.0083637396f, 0.0013901518f};
  return hn::MulAdd(hn::Mul(r, r), polynomial(r, kTail), r);
}

// NaN stays NaN: x86's instructions return their second operand if one of the two is none; Highway's plain
// C++ does not.
HWY_INLINE FloatVector at_least(FloatVector x, float lower) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  return hn::Max(constant(lower), x);
#else
  return keep_nan(x, hn::Max(x, constant(lower)));
#endif
}
HWY_INLINE FloatVector at_most(FloatVector x, float upper) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  return hn::Min(constant(upper), x);
#else
  return keep_nan(x, hn::Min(x, constant(upper)));
#endif
}

using WholeVector = hn::Vec<hn::RebindToSigned<FloatTag>>;

// kScale · x = n · ln 2 + kScale · r for whole n and the smallest r. The low bits of `biased` are n + kBias:
// added to 1.5 · 2²³, a number is rounded to whole ones.
struct ExpArgument {
  FloatVector n, r;
  WholeVector biased;
};
template <int kBias, int kScale = 1>
HWY_INLINE ExpArgument reduce(FloatVector x) {
  const FloatVector origin = constant(12582912.0f + kBias);
  const FloatVector sum = hn::MulAdd(x, constant(1.44269504f * kScale), origin);
  const FloatVector n = hn::Sub(sum, origin);
  // ln 2 in two parts, the first of few bits: n times it is exact (Cody & Waite, 1980).
  FloatVector r = hn::NegMulAdd(n, constant(0.693359375f / kScale), x);
  r = hn::NegMulAdd(n, constant(-2.12194440e-4f / kScale), r);
  return {n, r, hn::BitCast(hn::RebindToSigned<FloatTag>(), sum)};
}

// 2^n, where the lowest eight bits are n + 127 and the next is 0.
HWY_INLINE FloatVector power_of_two(WholeVector biased) {
  return hn::BitCast(FloatTag(), hn::ShiftLeft<23>(biased));
}

// exp(r) for |r| ≤ ½ ln 2.
HWY_INLINE FloatVector exp_near(FloatVector r) {
  static constexpr float kTerms[] = {1.0f,         1.0f,          0.49999994f,  0.16666521f,
                                     0.041668389f, 0.0083687454f, 0.0013814541f};
  return polynomial(r, kTerms);
}

// 1 ulp; denormal results, 0 and infinity where they belong.
HWY_INLINE FloatVector exp(FloatVector x) {
  const ExpArgument reduced = reduce<254>(at_most(at_least(x, -104.0f), 89.0f));
  const FloatVector power = exp_near(reduced.r);
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  return FloatVector{_mm512_scalef_ps(power.raw, reduced.n.raw)};
#else
  // By two factors, as 2^n may lie beyond the floats; rounded once.
  const WholeVector half = hn::ShiftRight<1>(reduced.biased);
  return hn::Mul(hn::Mul(power, power_of_two(half)), power_of_two(hn::Sub(reduced.biased, half)));
#endif
}

// kBelowScale · exp(x) for x ≤ 0, 1 ulp, with fewer instructions. 2^n · kBelowScale is a float for all n.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
constexpr float kBelowScale = 1.0f;
HWY_INLINE FloatVector exp_below_scaled(FloatVector x) {
  const ExpArgument reduced = reduce<127>(at_least(x, -104.0f));
  return FloatVector{_mm512_scalef_ps(exp_near(reduced.r).raw, reduced.n.raw)};
}
#else
constexpr float kBelowScale = 0x1p64f;
HWY_INLINE FloatVector exp_below_scaled(FloatVector x) {
  const ExpArgument reduced = reduce<127 + 64>(at_least(x, -104.0f));
  return hn::Mul(exp_near(reduced.r), power_of_two(reduced.biased));
}
#endif
HWY_INLINE FloatVector exp_below(FloatVector x) {
  const FloatVector scaled = exp_below_scaled(x);
  return kBelowScale == 1.0f ? scaled : hn::Mul(scaled, constant(1.0f / kBelowScale));
}

// exp(x) - 1, 1.5 ulp for x < 0, 3 ulp above.
HWY_INLINE FloatVector expm1(FloatVector x) {
  const auto is_near = hn::Lt(hn::Abs(x), constant(0.34f));
  return hn::IfThenElse(is_near, expm1_near(x), hn::Sub(exp(x), constant(1.0f)));
}

// 1 ulp; -infinity for 0, NaN below.
HWY_INLINE FloatVector log(FloatVector x) {
  static constexpr float kTail[] = {0.3333333f,   -0.24999994f, 0.20000714f,  -0.16668056f, 0.1424932f,
                                    -0.12420172f, 0.11677052f,  -0.11514416f, 0.07037299f};
  const FloatTag d;
  const hn::RebindToSigned<FloatTag> di;
  const auto tiny = hn::Lt(x, constant(1.17549435e-38f));
  const FloatVector normal = hn::IfThenElse(tiny, hn::Mul(x, constant(8388608.0f)), x);
  const auto bits = hn::BitCast(di, normal);
  // Exponent and mantissa in [√½, √2): what lies above √2 belongs to the next power.
  const auto shifted = hn::Sub(bits, hn::Set(di, 0x3F3504F3));
  const auto exponent = hn::ShiftRight<23>(shifted);
  const FloatVector mantissa = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent)));
  const FloatVector f = hn::Sub(mantissa, constant(1.0f)), square = hn::Mul(f, f);
  const FloatVector e = hn::Sub(hn::ConvertTo(d, exponent), hn::IfThenElseZero(tiny, constant(23.0f)));
  FloatVector small =
      hn::MulAdd(hn::Mul(square, f), polynomial(f, kTail), hn::Mul(e, constant(-2.12194440e-4f)));
  small = hn::NegMulAdd(square, constant(0.5f), small);
  FloatVector result = hn::MulAdd(e, constant(0.693359375f), hn::Add(f, small));
  const FloatVector infinity = constant(HUGE_VALF);
  result = hn::IfThenElse(hn::Eq(x, infinity), infinity, result);
  result = hn::IfThenElse(hn::Eq(x, constant(0.0f)), hn::Neg(infinity), result);
  return keep_nan(x, hn::IfThenElse(hn::Lt(x, constant(0.0f)), hn::NaN(d), result));
}

// -|x|
HWY_INLINE FloatVector below_zero(FloatVector x) {
  return hn::Or(x, hn::SignBit(FloatTag()));
}

// 2 ulp: (1 - e) / (1 + e), where e = exp(-2|x|). With e = 2^n · (1 + p) neither of the two is rounded but
// once.
HWY_INLINE FloatVector tanh(FloatVector x) {
  // (p - 2r) / r²
  static constexpr float kTail[] = {1.9999999f, 1.3333235f, 0.6666752f, 0.26772952f, 0.088848107f};
  const ExpArgument reduced = reduce<127, 2>(at_least(below_zero(x), -10.0f));
  const FloatVector r = reduced.r, scale = power_of_two(reduced.biased), one = constant(1.0f);
  const FloatVector p = hn::MulAdd(hn::Mul(r, r), polynomial(r, kTail), hn::Add(r, r));
  const FloatVector difference = hn::NegMulAdd(p, scale, hn::Sub(one, scale));
  return hn::CopySignToAbs(hn::Div(difference, hn::MulAdd(p, scale, hn::Add(one, scale))), x);
}

// e / (e + 1), where e = exp(x), 2.5 ulp; small ones do not vanish before e does. The terms are 2^64 times as
// large, so that e is no denormal for any x.
HWY_INLINE FloatVector sigmoid(FloatVector x) {
  const ExpArgument reduced = reduce<127 + 64>(at_most(at_least(x, -104.0f), 40.0f));
  const FloatVector power = hn::Mul(exp_near(reduced.r), power_of_two(reduced.biased));
  return hn::Div(power, hn::Add(power, constant(0x1p64f)));
}

// log(1 + exp(x)), 2.2 ulp.
HWY_INLINE FloatVector softplus(FloatVector x) {
  const FloatVector power = exp_below(below_zero(x));
  const FloatVector sum = hn::Add(power, constant(1.0f));
  // What the addition lost counts where the power is small: log(1 + p) ≈ log(s) + (p - (s - 1)) / s.
  const FloatVector lost = hn::Sub(power, hn::Sub(sum, constant(1.0f)));
  const FloatVector rest = hn::Add(log(sum), hn::Div(lost, sum));
  const FloatVector positive = hn::IfThenElse(hn::Gt(x, constant(0.0f)), x, constant(0.0f));
  return keep_nan(x, hn::Add(positive, rest));
}

// erfc(x) for x ≥ 0.95: exp(-x²) times a polynomial in 1 / (1 + x / 2).
HWY_INLINE FloatVector erfc_far(FloatVector x) {
  static constexpr float kScaled[] = {-4.638071e-06f, 0.28221357f,  0.2808327f,   0.2539396f,  0.15443616f,
                                      0.11360315f,    0.013622162f, -0.17627424f, 0.078038484f};
  const FloatVector t = hn::Div(constant(1.0f), hn::MulAdd(x, constant(0.5f), constant(1.0f)));
  return hn::Mul(exp_below(hn::Neg(hn::Mul(x, x))), polynomial(t, kScaled));
}

// erf(x) / x for |x| ≤ 1.
HWY_INLINE FloatVector erf_near_quotient(FloatVector x) {
  static constexpr float kNear[] = {1.1283791f,    -0.37612626f,  0.11283585f,  -0.02685381f,
                                    0.0051883273f, -0.000801019f, 7.853847e-05f};
  return polynomial(hn::Mul(x, x), kNear);
}

// 2.5 ulp.
HWY_INLINE FloatVector erf(FloatVector x) {
  const FloatVector size = hn::Min(hn::Abs(x), constant(10.1f));
  const FloatVector far = hn::CopySign(hn::Sub(constant(1.0f), erfc_far(size)), x);
  const FloatVector near = hn::Mul(x, erf_near_quotient(x));
  return keep_nan(x, hn::IfThenElse(hn::Le(hn::Abs(x), constant(1.0f)), near, far));
}

// x / 2 · (1 + erf(x / √2)), 4 ulp for x > -1.4. Nothing cancels below, but the rounding of x² counts there:
// 24 ulp.
HWY_INLINE FloatVector gelu(FloatVector x) {
  const FloatVector z = hn::Mul(x, constant(0.70710678f)), size = hn::Min(hn::Abs(z), constant(10.1f));
  const FloatVector tail = erfc_far(size);
  const FloatVector far = hn::IfThenElse(hn::Lt(x, constant(0.0f)), tail, hn::Sub(constant(2.0f), tail));
  const FloatVector near = hn::MulAdd(z, erf_near_quotient(z), constant(1.0f));
  const auto is_near = hn::Le(hn::Abs(z), constant(1.0f));
  const FloatVector weight = hn::IfThenElse(is_near, near, far);
  return hn::Mul(hn::Mul(x, constant(0.5f)), weight);
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();
#endif
