// Add, Sub, Mul, Div, Max, Min (and Sum of two) with NumPy's broadcasting, and Relu, for f32. One mechanism:
// the output is walked in runs along its last axes; in a run each operand either advances with the output or
// stands still.
#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernel.hpp"

#ifndef SLIPWAY_ELEMENTWISE_ONCE
#define SLIPWAY_ELEMENTWISE_ONCE
namespace slipway::engine {

enum class Binary { kAdd, kSub, kMul, kDiv, kMax, kMin };

// `count` outputs; an operand of step 0 is one value for all of them.
struct BinaryRun {
  Binary operation;
  const float *a, *b;
  int64_t a_step, b_step;
  float* out;
  int64_t count;
  Clamp clamp;
};

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Tag = HWY_FULL(float);
using Vector = hn::Vec<Tag>;

// NaN in either operand gives NaN, as ONNX's Max and Min have it.
HWY_INLINE Vector maximum(Vector a, Vector b) {
  return hn::IfThenElse(hn::Or(hn::Gt(a, b), hn::IsNaN(a)), a, b);
}
HWY_INLINE Vector minimum(Vector a, Vector b) {
  return hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::IsNaN(a)), a, b);
}

HWY_INLINE Vector clamp(Vector x, Vector lower, Vector upper) {
  x = hn::IfThenElse(hn::Lt(x, lower), lower, x);
  return hn::IfThenElse(hn::Gt(x, upper), upper, x);
}

template <typename Operation>
HWY_INLINE void run_with(const BinaryRun& run, Operation operation) {
  const Tag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const Vector lower = hn::Set(d, run.clamp.lower), upper = hn::Set(d, run.clamp.upper);
  const Vector a0 = hn::Set(d, run.a[0]), b0 = hn::Set(d, run.b[0]);
  int64_t i = 0;
  for (; i + lanes <= run.count; i += lanes) {
    const Vector a = run.a_step ? hn::LoadU(d, run.a + i) : a0, b = run.b_step ? hn::LoadU(d, run.b + i) : b0;
    hn::StoreU(clamp(operation(a, b), lower, upper), d, run.out + i);
  }
  if (i == run.count) return;
  HWY_ALIGN float a[HWY_MAX_BYTES / sizeof(float)] = {}, b[HWY_MAX_BYTES / sizeof(float)] = {};
  for (int64_t j = i; j < run.count; ++j) a[j - i] = run.a[run.a_step * j], b[j - i] = run.b[run.b_step * j];
  hn::Store(clamp(operation(hn::Load(d, a), hn::Load(d, b)), lower, upper), d, a);
  std::copy(a, a + (run.count - i), run.out + i);
}

void RunBinary(const BinaryRun& run) {
  switch (run.operation) {
    case Binary::kAdd:
      return run_with(run, [](Vector a, Vector b) HWY_ATTR { return hn::Add(a, b); });
    case Binary::kSub:
      return run_with(run, [](Vector a, Vector b) HWY_ATTR { return hn::Sub(a, b); });
    case Binary::kMul:
      return run_with(run, [](Vector a, Vector b) HWY_ATTR { return hn::Mul(a, b); });
    case Binary::kDiv:
      return run_with(run, [](Vector a, Vector b) HWY_ATTR { return hn::Div(a, b); });
    case Binary::kMax:
      return run_with(run, [](Vector a, Vector b) HWY_ATTR { return maximum(a, b); });
    case Binary::kMin:
      return run_with(run, [](Vector a, Vector b) HWY_ATTR { return minimum(a, b); });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(RunBinary);

namespace {

// A loop over part of the output: how far it goes and how far each operand moves with it.
struct Axis {
  int64_t size;
  std::array<int64_t, 2> steps;
};

// The output's axes with the operands' steps, neighbours merged where both operands go on evenly.
std::vector<Axis> merged_axes(const Dims& out, const std::array<Dims, 2>& operands) {
  std::vector<Axis> axes;  // innermost first
  std::array<int64_t, 2> strides{1, 1};
  for (size_t from_end = 1; from_end <= out.size(); ++from_end) {
    Axis axis{out[out.size() - from_end], {0, 0}};
    for (size_t i = 0; i < 2; ++i) {
      const Dims& dims = operands[i];
      const int64_t size = from_end <= dims.size() ? dims[dims.size() - from_end] : 1;
      if (size != 1) axis.steps[i] = strides[i];
      strides[i] *= size;
    }
    if (axis.size == 1) continue;
    const auto goes_on = [&](size_t i) {
      const Axis& inner = axes.back();
      return inner.steps[i] == 0 ? axis.steps[i] == 0 : axis.steps[i] == inner.steps[i] * inner.size;
    };
    if (!axes.empty() && goes_on(0) && goes_on(1)) {
      axes.back().size *= axis.size;
    } else {
      axes.push_back(axis);
    }
  }
  if (axes.empty()) axes.push_back({1, {0, 0}});
  return axes;
}

// Enough for a thread to be worth waking.
constexpr int64_t kPieceElements = int64_t{16} * 1024;

class BinaryKernel : public Kernel {
 public:
  BinaryKernel(Binary operation, Clamp clamp, const Dims& out, const std::array<Dims, 2>& operands)
      : operation_(operation), clamp_(clamp), axes_(merged_axes(out, operands)) {
    for (size_t i = 1; i < axes_.size(); ++i) runs_ *= axes_[i].size;
    cuts_ = std::max<int64_t>(1, axes_[0].size / kPieceElements);
    runs_per_piece_ = std::max<int64_t>(1, kPieceElements / axes_[0].size);
  }

  void run(const KernelRun& run) const override {
    const int64_t pieces = (runs_ + runs_per_piece_ - 1) / runs_per_piece_;
    run.pool.parallel_for(static_cast<size_t>(pieces * cuts_), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) / cuts_ * runs_per_piece_,
                    cut = static_cast<int64_t>(piece) % cuts_;
      const int64_t begin = axes_[0].size * cut / cuts_, end = axes_[0].size * (cut + 1) / cuts_;
      for (int64_t i = first; i < std::min(runs_, first + runs_per_piece_); ++i) run_one(run, i, begin, end);
    });
  }

 private:
  void run_one(const KernelRun& run, int64_t index, int64_t begin, int64_t end) const {
    const auto& steps = axes_[0].steps;
    int64_t a = begin * steps[0], b = begin * steps[1], rest = index;
    for (size_t i = 1; i < axes_.size(); ++i) {
      a += rest % axes_[i].size * axes_[i].steps[0];
      b += rest % axes_[i].size * axes_[i].steps[1];
      rest /= axes_[i].size;
    }
    float* out = run.output_floats(0) + index * axes_[0].size + begin;
    HWY_DYNAMIC_DISPATCH(RunBinary)
    ({operation_, run.input_floats(0) + a, run.input_floats(run.inputs.size() > 1 ? 1 : 0) + b, steps[0],
      steps[1], out, end - begin, clamp_});
  }

  Binary operation_;
  Clamp clamp_;
  std::vector<Axis> axes_;
  int64_t runs_ = 1;            // over all axes but the innermost
  int64_t cuts_ = 1;            // pieces of one long run
  int64_t runs_per_piece_ = 1;  // or short runs of one piece
};

std::unique_ptr<Kernel> make_binary(const KernelRequest& request, Binary operation) {
  const auto& inputs = request.shapes.inputs;
  if (!request.is_all_float() || inputs.size() != 2) return nullptr;
  return std::make_unique<BinaryKernel>(operation, request.fusion.clamp, request.shapes.outputs[0],
                                        std::array<Dims, 2>{inputs[0], inputs[1]});
}

}  // namespace

std::unique_ptr<Kernel> make_add(const KernelRequest& request) {
  return make_binary(request, Binary::kAdd);
}
std::unique_ptr<Kernel> make_sub(const KernelRequest& request) {
  return make_binary(request, Binary::kSub);
}
std::unique_ptr<Kernel> make_mul(const KernelRequest& request) {
  return make_binary(request, Binary::kMul);
}
std::unique_ptr<Kernel> make_div(const KernelRequest& request) {
  return make_binary(request, Binary::kDiv);
}
std::unique_ptr<Kernel> make_max(const KernelRequest& request) {
  return make_binary(request, Binary::kMax);
}
std::unique_ptr<Kernel> make_min(const KernelRequest& request) {
  return make_binary(request, Binary::kMin);
}

// Relu is the larger of x and x, clamped from below.
std::unique_ptr<Kernel> make_relu(const KernelRequest& request) {
  if (!request.is_all_float()) return nullptr;
  Clamp clamp;
  clamp.lower = 0.0f;
  const Dims& dims = request.shapes.inputs[0];
  return std::make_unique<BinaryKernel>(Binary::kMax, clamp, dims, std::array<Dims, 2>{dims, dims});
}

}  // namespace slipway::engine
#endif
