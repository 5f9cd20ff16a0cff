// Add, Sub, Mul, Div, Max, Min (and Sum of two) with NumPy's broadcasting, for f32.
#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernel.hpp"
#include "engine/kernels/broadcast.hpp"

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

// The run is copied, as for all that the compiler knows a result may be written over it.
template <typename Operation>
HWY_INLINE void map(BinaryRun run, Operation operation) {
  const Tag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const Vector a0 = hn::Set(d, run.a[0]), b0 = hn::Set(d, run.b[0]);
  int64_t i = 0;
  for (; i + lanes <= run.count; i += lanes) {
    const Vector a = run.a_step ? hn::LoadU(d, run.a + i) : a0, b = run.b_step ? hn::LoadU(d, run.b + i) : b0;
    hn::StoreU(operation(a, b), d, run.out + i);
  }
  if (i == run.count) return;
  HWY_ALIGN float a[HWY_MAX_BYTES / sizeof(float)] = {}, b[HWY_MAX_BYTES / sizeof(float)] = {};
  for (int64_t j = i; j < run.count; ++j) a[j - i] = run.a[run.a_step * j], b[j - i] = run.b[run.b_step * j];
  hn::Store(operation(hn::Load(d, a), hn::Load(d, b)), d, a);
  std::copy(a, a + (run.count - i), run.out + i);
}

template <typename Operation>
HWY_INLINE void run_with(const BinaryRun& run, Operation operation) {
  if (run.clamp.is_open()) return map(run, operation);
  const Vector lower = hn::Set(Tag(), run.clamp.lower), upper = hn::Set(Tag(), run.clamp.upper);
  map(run, [=](Vector a, Vector b) HWY_ATTR { return clamp(operation(a, b), lower, upper); });
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

class BinaryKernel : public Kernel {
 public:
  BinaryKernel(Binary operation, Clamp clamp, const Dims& out, const std::array<Dims, 2>& operands)
      : operation_(operation), clamp_(clamp), broadcast_(out, operands) {}

  void run(const KernelRun& run) const override {
    const float *a = run.input_floats(0), *b = run.input_floats(1);
    float* out = run.output_floats(0);
    broadcast_.run(run.pool, [&](const Broadcast::Run& part) {
      HWY_DYNAMIC_DISPATCH(RunBinary)
      ({operation_, a + part.places[0], b + part.places[1], part.steps[0], part.steps[1], out + part.out,
        part.count, clamp_});
    });
  }

 private:
  Binary operation_;
  Clamp clamp_;
  Broadcast broadcast_;
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

}  // namespace slipway::engine
#endif
