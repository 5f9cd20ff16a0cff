// DequantizeLinear to f32, from integers and float8: plain loops, which the compiler turns into vectors for
// each instruction set.
#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/dequantize.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/packed_elements.hpp"
#include "ops/quantization.hpp"
#include "tensor/small_float.hpp"

#ifndef SLIPWAY_DEQUANTIZE_ONCE
#define SLIPWAY_DEQUANTIZE_ONCE
namespace slipway::engine {

struct DequantizeRun {
  DataType type;  // of `in` and the zero points, i32, of 8 or of 16 bits
  const std::byte* in;
  float* out;
  int64_t count;
  const float* scales;           // one, or one for each number
  const std::byte* zero_points;  // as many, or nullptr for zeros
  bool each;
  const float* values;  // of the 256 numbers of a float8 type
};

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {

// Differences of integers of 16 bits are whole numbers that f32 holds, so there is one rounding, that of the
// product. Others are f64, as the reference kernel has them.
template <typename T>
HWY_INLINE float difference(T x, T zero_point) {
  return static_cast<float>(int32_t{x} - int32_t{zero_point});
}
HWY_INLINE double difference(int32_t x, int32_t zero_point) {
  return static_cast<double>(x) - static_cast<double>(zero_point);
}

template <typename T>
void run_with(const DequantizeRun& run) {
  const T* HWY_RESTRICT in = reinterpret_cast<const T*>(run.in);
  const T* HWY_RESTRICT zero_points = reinterpret_cast<const T*>(run.zero_points);
  const float* HWY_RESTRICT scales = run.scales;
  float* HWY_RESTRICT out = run.out;
  const T zero_point = zero_points ? zero_points[0] : T{0};
  if (run.each && zero_points) {
    for (int64_t i = 0; i < run.count; ++i)
      out[i] = static_cast<float>(difference(in[i], zero_points[i]) * scales[i]);
  } else if (run.each) {
    for (int64_t i = 0; i < run.count; ++i)
      out[i] = static_cast<float>(difference(in[i], zero_point) * scales[i]);
  } else {
    const float scale = scales[0];
    for (int64_t i = 0; i < run.count; ++i)
      out[i] = static_cast<float>(difference(in[i], zero_point) * scale);
  }
}

// i32 by one scale: a block of differences that f32 holds is rounded once, too, as a product in f64 would be.
void run_int32(const DequantizeRun& run) {
  constexpr int64_t kBlock = 1024;
  constexpr int32_t kExact = 1 << 24;
  const auto* HWY_RESTRICT in = reinterpret_cast<const int32_t*>(run.in);
  float* HWY_RESTRICT out = run.out;
  const int32_t zero_point = run.zero_points ? *reinterpret_cast<const int32_t*>(run.zero_points) : 0;
  if (run.each || zero_point > kExact || zero_point < -kExact) return run_with<int32_t>(run);
  const float scale = run.scales[0];
  for (int64_t begin = 0; begin < run.count; begin += kBlock) {
    const int64_t end = std::min(run.count, begin + kBlock);
    uint32_t beyond = 0;  // what is not in [-2^24, 2^24) has one of the upper bits
    for (int64_t i = begin; i < end; ++i)
      beyond |= static_cast<uint32_t>(in[i]) - static_cast<uint32_t>(zero_point) + kExact;
    if (beyond >= 2 * kExact)
      for (int64_t i = begin; i < end; ++i)
        out[i] = static_cast<float>(difference(in[i], zero_point) * scale);
    else
      for (int64_t i = begin; i < end; ++i) out[i] = static_cast<float>(in[i] - zero_point) * scale;
  }
}

void run_float8(const DequantizeRun& run) {
  const auto* HWY_RESTRICT in = reinterpret_cast<const uint8_t*>(run.in);
  const auto* HWY_RESTRICT zero_points = reinterpret_cast<const uint8_t*>(run.zero_points);
  float* HWY_RESTRICT out = run.out;
  for (int64_t i = 0; i < run.count; ++i) {
    const size_t entry = run.each ? static_cast<size_t>(i) : 0;
    const double zero_point = zero_points ? double{run.values[zero_points[entry]]} : 0.0;
    out[i] = static_cast<float>((run.values[in[i]] - zero_point) * run.scales[entry]);
  }
}

void Dequantize(const DequantizeRun& run) {
  switch (run.type) {
    case DataType::kUint8:
      return run_with<uint8_t>(run);
    case DataType::kInt8:
      return run_with<int8_t>(run);
    case DataType::kUint16:
      return run_with<uint16_t>(run);
    case DataType::kInt16:
      return run_with<int16_t>(run);
    case DataType::kInt32:
      return run_int32(run);
    default:
      return run_float8(run);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(Dequantize);

namespace {

constexpr int64_t kPiece = int64_t{32} * 1024;

std::optional<SmallFloatKind> float8_kind(DataType type) {
  switch (type) {
    case DataType::kFloat8e4m3fn:
      return SmallFloatKind::kFloat8e4m3fn;
    case DataType::kFloat8e4m3fnuz:
      return SmallFloatKind::kFloat8e4m3fnuz;
    case DataType::kFloat8e5m2:
      return SmallFloatKind::kFloat8e5m2;
    case DataType::kFloat8e5m2fnuz:
      return SmallFloatKind::kFloat8e5m2fnuz;
    default:
      return std::nullopt;
  }
}

class DequantizeLinear : public Kernel {
 public:
  explicit DequantizeLinear(const KernelRequest& request)
      : granularity_(request.node(), request.shapes.inputs[0], request.shapes.inputs[1]),
        count_(element_count(request.shapes.outputs[0])),
        type_(request.input_types[0]) {
    const auto& constants = request.shapes.constants;
    if (is_packed(type_) && constants.size() > 2 && constants[2]) zero_points_ = unpacked(*constants[2]);
    if (const auto kind = float8_kind(type_))
      for (uint32_t bits = 0; bits < values_.size(); ++bits) values_[bits] = decode_small_float(*kind, bits);
  }

  void run(const KernelRun& run) const override {
    const std::byte* zero_points = zero_points_.defined() ? bytes_of(zero_points_) : nullptr;
    if (!zero_points && run.inputs.size() > 2 && run.inputs[2]) zero_points = bytes_of(run.input(2));
    const std::byte* in = bytes_of(run.input(0));
    float* out = run.output_floats(0);
    run.pool.parallel_for(static_cast<size_t>((count_ + kPiece - 1) / kPiece), [&](size_t piece, int) {
      const int64_t begin = static_cast<int64_t>(piece) * kPiece, end = std::min(count_, begin + kPiece);
      if (!is_packed(type_))
        return dequantize(run, in + begin * bits_of(type_) / 8, zero_points, begin, end, out);
      std::array<std::byte, kUnpackedBlock> block;
      for (int64_t at = begin; at < end; at += kUnpackedBlock) {
        const int64_t count = std::min(kUnpackedBlock, end - at);
        unpack_elements(type_, in, at, count, block.data());
        dequantize(run, block.data(), zero_points, at, at + count, out);
      }
    });
  }

 private:
  // Elements [begin, end), of which the first is at `from`.
  void dequantize(const KernelRun& run, const std::byte* from, const std::byte* zero_points, int64_t begin,
                  int64_t end, float* out) const {
    const DataType type = unpacked_type(type_);
    const int64_t bytes = bits_of(type) / 8;
    granularity_.visit_runs(begin, end, [&](const ops::Granularity::Run& part) {
      HWY_DYNAMIC_DISPATCH(Dequantize)
      ({type, from + (part.element - begin) * bytes, out + part.element, part.count,
        run.input_floats(1) + part.scale, zero_points ? zero_points + part.scale * bytes : nullptr, part.each,
        values_.data()});
    });
  }

  ops::Granularity granularity_;
  int64_t count_;
  DataType type_;
  Tensor zero_points_;               // of a packed type
  std::array<float, 256> values_{};  // of a float8 type
};

}  // namespace

std::unique_ptr<Kernel> make_dequantize_linear(const KernelRequest& request) {
  const DataType type = request.input_types[0];
  if (!is_integer(type) && !float8_kind(type)) return nullptr;
  if (request.input_types[1] != DataType::kFloat || request.output_types[0] != DataType::kFloat)
    return nullptr;
  return zero_points_fit(request) ? std::make_unique<DequantizeLinear>(request) : nullptr;
}

}  // namespace slipway::engine
#endif
