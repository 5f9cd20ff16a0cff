// Gather of elements of whole bytes: rows picked by indices, which are checked before anything is copied.
#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "engine/kernel.hpp"
#include "ops/axis_split.hpp"
#include "ops/inference_context.hpp"

namespace slipway::engine {
namespace {

class Gather : public Kernel {
 public:
  Gather(const KernelRequest& request, size_t axis, size_t width)
      : axis_(axis),
        all_(ops::split_at(request.shapes.inputs[0], axis)),
        count_(element_count(request.shapes.inputs[1])),
        row_bytes_(width * static_cast<size_t>(all_.inner)) {}

  size_t scratch_bytes(int) const override { return static_cast<size_t>(count_) * sizeof(int64_t); }

  void run(const KernelRun& run) const override {
    auto* rows = reinterpret_cast<int64_t*>(run.scratch);
    if (run.input(1).type() == DataType::kInt32)
      resolve<int32_t>(run, rows);
    else
      resolve<int64_t>(run, rows);
    const auto* from = static_cast<const std::byte*>(run.input(0).raw());
    auto* to = static_cast<std::byte*>(run.output(0).raw());
    constexpr int64_t kPieceBytes = int64_t{64} * 1024;
    const int64_t total = all_.outer * count_,
                  picks = std::max<int64_t>(1, kPieceBytes / static_cast<int64_t>(row_bytes_));
    run.pool.parallel_for(static_cast<size_t>((total + picks - 1) / picks), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) * picks, end = std::min(total, first + picks);
      // Whole or part of what one block of the input gives, block after block.
      for (int64_t begin = first; begin < end;) {
        const int64_t outer = begin / count_, place = begin % count_;
        const int64_t count = std::min(end - begin, count_ - place);
        pick(from + static_cast<size_t>(outer * all_.size) * row_bytes_, rows + place, count,
             to + static_cast<size_t>(begin) * row_bytes_);
        begin += count;
      }
    });
  }

 private:
  template <typename Index>
  void resolve(const KernelRun& run, int64_t* rows) const {
    for (const Index index : run.input(1).data<Index>()) {
      if (index < -all_.size || index >= all_.size)
        fail(ErrorCode::kInvalidArgument, "index {} is outside axis {} of {}", index, axis_,
             run.input(0).describe());
      *rows++ = index < 0 ? index + all_.size : index;
    }
  }

  void pick(const std::byte* from, const int64_t* rows, int64_t count, std::byte* to) const {
    switch (row_bytes_) {
      case 1:
        return pick_elements<1>(from, rows, count, to);
      case 2:
        return pick_elements<2>(from, rows, count, to);
      case 4:
        return pick_elements<4>(from, rows, count, to);
      case 8:
        return pick_elements<8>(from, rows, count, to);
      default:
        for (int64_t i = 0; i < count; ++i, to += row_bytes_)
          std::memcpy(to, from + static_cast<size_t>(rows[i]) * row_bytes_, row_bytes_);
    }
  }

  template <size_t kBytes>
  static void pick_elements(const std::byte* from, const int64_t* rows, int64_t count, std::byte* to) {
    for (int64_t i = 0; i < count; ++i, to += kBytes)
      std::memcpy(to, from + static_cast<size_t>(rows[i]) * kBytes, kBytes);
  }

  size_t axis_;
  ops::AxisSplit all_;
  int64_t count_;  // of indices
  size_t row_bytes_;
};

}  // namespace

std::unique_ptr<Kernel> make_gather(const KernelRequest& request) {
  const Dims& in = request.shapes.inputs[0];
  const auto width = static_cast<size_t>(bits_of(request.input_types[0])) / 8;
  if (width == 0) return nullptr;
  const size_t axis = ops::normalize_axis(request.node().int_attribute("axis", 0), in.size());
  return std::make_unique<Gather>(request, axis, width);
}

}  // namespace slipway::engine
