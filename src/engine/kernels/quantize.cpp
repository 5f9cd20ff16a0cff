// QuantizeLinear of f32 to integers of 16 bits and fewer, and DynamicQuantizeLinear.
#include <algorithm>
#include <array>

#include "engine/kernel.hpp"
#include "engine/kernels/packed_elements.hpp"
#include "engine/kernels/quantize_run.hpp"
#include "ops/quantization.hpp"

namespace slipway::engine {
namespace {

constexpr int64_t kPiece = int64_t{32} * 1024;  // even: no two threads meet in one byte

size_t pieces_of(int64_t count) {
  return static_cast<size_t>((count + kPiece - 1) / kPiece);
}

class QuantizeLinear : public Kernel {
 public:
  QuantizeLinear(const KernelRequest& request, const ops::IntegerRange& range)
      : granularity_(request.node(), request.shapes.inputs[0], request.shapes.inputs[1]),
        count_(element_count(request.shapes.outputs[0])),
        type_(request.output_types[0]),
        lowest_(static_cast<float>(range.lowest)),
        highest_(static_cast<float>(range.highest)) {
    const auto& constants = request.shapes.constants;
    if (is_packed(type_) && constants.size() > 2 && constants[2]) zero_points_ = unpacked(*constants[2]);
  }

  void run(const KernelRun& run) const override {
    const std::byte* zero_points = zero_points_.defined() ? bytes_of(zero_points_) : nullptr;
    if (!zero_points && run.inputs.size() > 2 && run.inputs[2]) zero_points = bytes_of(run.input(2));
    auto* out = static_cast<std::byte*>(run.output(0).raw());
    run.pool.parallel_for(pieces_of(count_), [&](size_t piece, int) {
      const int64_t begin = static_cast<int64_t>(piece) * kPiece, end = std::min(count_, begin + kPiece);
      if (!is_packed(type_)) return quantize(run, zero_points, begin, end, out + begin * bits_of(type_) / 8);
      std::array<std::byte, kUnpackedBlock> block;
      for (int64_t at = begin; at < end; at += kUnpackedBlock) {
        const int64_t count = std::min(kUnpackedBlock, end - at);
        quantize(run, zero_points, at, at + count, block.data());
        pack_elements(type_, block.data(), out, at, count);
      }
    });
  }

 private:
  // Elements [begin, end), of which the first goes to `to`.
  void quantize(const KernelRun& run, const std::byte* zero_points, int64_t begin, int64_t end,
                std::byte* to) const {
    const DataType type = unpacked_type(type_);
    const int64_t bytes = bits_of(type) / 8;
    granularity_.visit_runs(begin, end, [&](const ops::Granularity::Run& part) {
      quantize_run({type, lowest_, highest_, run.input_floats(0) + part.element,
                    to + (part.element - begin) * bytes, part.count, run.input_floats(1) + part.scale,
                    zero_points ? zero_points + part.scale * bytes : nullptr, part.each});
    });
  }

  ops::Granularity granularity_;
  int64_t count_;
  DataType type_;
  float lowest_, highest_;
  Tensor zero_points_;  // of a packed type
};

class DynamicQuantizeLinear : public Kernel {
 public:
  explicit DynamicQuantizeLinear(const KernelRequest& request)
      : count_(element_count(request.shapes.inputs[0])) {}

  size_t scratch_bytes(int) const override { return pieces_of(count_) * sizeof(FloatRange); }

  void run(const KernelRun& run) const override {
    const float* in = run.input_floats(0);
    auto* ranges = reinterpret_cast<FloatRange*>(run.scratch);
    const size_t pieces = pieces_of(count_);
    run.pool.parallel_for(pieces, [&](size_t piece, int) {
      const int64_t begin = static_cast<int64_t>(piece) * kPiece;
      ranges[piece] = range_of(in + begin, std::min(kPiece, count_ - begin));
    });
    float& scale = run.output(1).data<float>()[0];
    uint8_t& zero_point = run.output(2).data<uint8_t>()[0];
    choose({ranges, pieces}, scale, zero_point);
    auto* out = static_cast<uint8_t*>(run.output(0).raw());
    run.pool.parallel_for(pieces, [&](size_t piece, int) {
      const int64_t begin = static_cast<int64_t>(piece) * kPiece, count = std::min(kPiece, count_ - begin);
      quantize_run({DataType::kUint8, 0, 255, in + begin, out + begin, count, &scale, &zero_point, false});
    });
  }

 private:
  static void choose(std::span<const FloatRange> ranges, float& scale, uint8_t& zero_point) {
    FloatRange all;
    for (const FloatRange& range : ranges)
      all = {std::min(all.lowest, range.lowest), std::max(all.highest, range.highest)};
    scale = (all.highest - all.lowest) / 255;
    const auto shift = static_cast<double>(-all.lowest / scale);
    zero_point = static_cast<uint8_t>(ops::quantized(shift, 0, ops::integer_range(DataType::kUint8)));
  }

  int64_t count_;
};

}  // namespace

std::unique_ptr<Kernel> make_quantize_linear(const KernelRequest& request) {
  const auto range = ops::integer_range(request.output_types[0]);
  if (!range || request.input_types[0] != DataType::kFloat || request.input_types[1] != DataType::kFloat)
    return nullptr;
  if (request.node().int_attribute("precision", 1) != 1) return nullptr;
  if (!zero_points_fit(request)) return nullptr;
  return std::make_unique<QuantizeLinear>(request, *range);
}

std::unique_ptr<Kernel> make_dynamic_quantize_linear(const KernelRequest& request) {
  const bool all_wanted =
      std::count(request.output_types.begin(), request.output_types.end(), DataType::kUndefined) == 0 &&
      request.output_types.size() == 3;
  return all_wanted ? std::make_unique<DynamicQuantizeLinear>(request) : nullptr;
}

}  // namespace slipway::engine
