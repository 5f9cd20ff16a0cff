// OneHot of elements of whole bytes: everything is off first, and then what is named is on.
#include <algorithm>

#include "engine/kernel.hpp"
#include "engine/kernels/scatter_reduction.hpp"
#include "ops/axis_split.hpp"
#include "ops/inference_context.hpp"

namespace slipway::engine {
namespace {

// Enough for a thread to be worth waking.
constexpr int64_t kPieceElements = int64_t{16} * 1024;

class OneHot : public Kernel {
 public:
  OneHot(ops::AxisSplit split, size_t width) : split_(split), width_(width) {}

  void run(const KernelRun& run) const override {
    with_unit(width_, [&]<typename Unit>(Unit) {
      if (run.input(0).type() == DataType::kInt32)
        mark<Unit>(run, run.input(0).data<int32_t>().data());
      else
        mark<Unit>(run, run.input(0).data<int64_t>().data());
    });
  }

 private:
  // A piece is some blocks of `size` rows, whose indices lie side by side.
  template <typename Unit, typename Index>
  void mark(const KernelRun& run, const Index* indices) const {
    const auto* values = static_cast<const Unit*>(run.input(2).raw());
    auto* out = static_cast<Unit*>(run.output(0).raw());
    const Unit off = values[0], on = values[1];
    const int64_t block = split_.size * split_.inner,
                  per_piece = std::max<int64_t>(1, kPieceElements / block);
    run.pool.parallel_for(static_cast<size_t>((split_.outer + per_piece - 1) / per_piece),
                          [&](size_t piece, int) {
                            const int64_t first = static_cast<int64_t>(piece) * per_piece,
                                          end = std::min(split_.outer, first + per_piece);
                            std::fill(out + first * block, out + end * block, off);
                            for (int64_t outer = first; outer < end; ++outer)
                              for (int64_t inner = 0; inner < split_.inner; ++inner) {
                                const int64_t index = indices[outer * split_.inner + inner];
                                const int64_t row = index < 0 ? index + split_.size : index;
                                if (row >= 0 && row < split_.size)
                                  out[outer * block + row * split_.inner + inner] = on;
                              }
                          });
  }

  ops::AxisSplit split_;
  size_t width_;
};

}  // namespace

std::unique_ptr<Kernel> make_one_hot(const KernelRequest& request) {
  const Dims& out = request.shapes.outputs[0];
  const auto width = static_cast<size_t>(bits_of(request.output_types[0])) / 8;
  const DataType type = request.input_types[0];
  const bool is_known = type == DataType::kInt32 || type == DataType::kInt64;
  // A depth that is not known may turn out to be another one than the declared shape's.
  if (width == 0 || !is_known || !request.shapes.constants[1] || request.shapes.inputs[2] != Dims{2})
    return nullptr;
  const size_t axis = ops::normalize_axis(request.node().int_attribute("axis", -1), out.size());
  return std::make_unique<OneHot>(ops::split_at(out, axis), width);
}

}  // namespace slipway::engine
