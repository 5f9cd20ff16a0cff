// Where, for elements of 1, 2, 4 or 8 bytes: plain loops, which the compiler turns into vectors for each
// instruction set.
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/where.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernel.hpp"
#include "engine/kernels/broadcast.hpp"

#ifndef SLIPWAY_WHERE_ONCE
#define SLIPWAY_WHERE_ONCE
namespace slipway::engine {

// `count` outputs; an operand of step 0 is one value for all of them.
struct WhereRun {
  size_t width;
  const uint8_t* condition;
  const std::byte *x, *y;
  Broadcast::Places steps;  // of the three
  std::byte* out;
  int64_t count;
};

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {

template <bool kMoveX, bool kMoveY, typename T>
void choose(const uint8_t* HWY_RESTRICT condition, const T* HWY_RESTRICT x, const T* HWY_RESTRICT y,
            T* HWY_RESTRICT out, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const T a = x[kMoveX ? i : 0], b = y[kMoveY ? i : 0];
    out[i] = condition[i] ? a : b;
  }
}

template <typename T>
void take(const T* from, int64_t step, T* out, int64_t count) {
  if (step)
    std::copy(from, from + count, out);
  else
    std::fill_n(out, count, *from);
}

template <typename T>
void run_with(const WhereRun& run) {
  const T *x = reinterpret_cast<const T*>(run.x), *y = reinterpret_cast<const T*>(run.y);
  T* out = reinterpret_cast<T*>(run.out);
  const bool move_x = run.steps[1] != 0, move_y = run.steps[2] != 0;
  if (run.steps[0] == 0)
    return *run.condition ? take(x, run.steps[1], out, run.count) : take(y, run.steps[2], out, run.count);
  if (move_x && move_y) return choose<true, true>(run.condition, x, y, out, run.count);
  if (move_x) return choose<true, false>(run.condition, x, y, out, run.count);
  if (move_y) return choose<false, true>(run.condition, x, y, out, run.count);
  choose<false, false>(run.condition, x, y, out, run.count);
}

void Where(const WhereRun& run) {
  switch (run.width) {
    case 1:
      return run_with<uint8_t>(run);
    case 2:
      return run_with<uint16_t>(run);
    case 4:
      return run_with<uint32_t>(run);
    default:
      return run_with<uint64_t>(run);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(Where);

namespace {

class WhereKernel : public Kernel {
 public:
  WhereKernel(const KernelRequest& request, int64_t width)
      : width_(width), broadcast_(request.shapes.outputs[0], request.shapes.inputs) {}

  void run(const KernelRun& run) const override {
    const auto* condition = static_cast<const uint8_t*>(run.input(0).raw());
    const auto* x = static_cast<const std::byte*>(run.input(1).raw());
    const auto* y = static_cast<const std::byte*>(run.input(2).raw());
    auto* out = static_cast<std::byte*>(run.output(0).raw());
    broadcast_.run(run.pool, [&](const Broadcast::Run& part) {
      HWY_DYNAMIC_DISPATCH(Where)
      ({static_cast<size_t>(width_), condition + part.places[0], x + part.places[1] * width_,
        y + part.places[2] * width_, part.steps, out + part.out * width_, part.count});
    });
  }

 private:
  int64_t width_;
  Broadcast broadcast_;
};

}  // namespace

std::unique_ptr<Kernel> make_where(const KernelRequest& request) {
  const int64_t width = bits_of(request.output_types[0]) / 8;
  if (width == 0 || width > 8) return nullptr;
  return std::make_unique<WhereKernel>(request, width);
}

}  // namespace slipway::engine
#endif
