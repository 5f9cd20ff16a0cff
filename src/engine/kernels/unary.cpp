// Functions of one f32 number: activations, exponentials, roots, rounding; and Pow by a constant that is one
// of them. The vector functions are in float_math-inl.hpp.
#include <algorithm>
#include <cmath>
#include <optional>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/unary.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernel.hpp"
#include "engine/kernels/float_math-inl.hpp"

#ifndef SLIPWAY_UNARY_ONCE
#define SLIPWAY_UNARY_ONCE
namespace slipway::engine {

enum class Unary : uint8_t {
  kAbs,
  kCeil,
  kClip,
  kElu,
  kErf,
  kExp,
  kFloor,
  kGelu,
  kGeluTanh,
  kHardSigmoid,
  kHardSwish,
  kLeakyRelu,
  kLog,
  kMish,
  kNeg,
  kReciprocal,
  kRelu,
  kRound,
  kSigmoid,
  kSoftplus,
  kSoftsign,
  kSqrt,
  kSquare,
  kSwish,
  kTanh
};

// `a` and `b` are the operator's constants: alpha, bounds.
struct UnaryRun {
  Unary function;
  float a, b;
  const float* in;
  float* out;
  int64_t count;
};

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {

// The run is copied, as for all that the compiler knows a result may be written over it.
template <typename Function>
HWY_INLINE void map(UnaryRun run, Function function) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= run.count; i += lanes) hn::StoreU(function(hn::LoadU(d, run.in + i)), d, run.out + i);
  if (i == run.count) return;
  const int64_t rest = run.count - i;
  store_part(function(load_part(run.in + i, rest, 0.0f)), run.out + i, rest);
}

// Comparisons with NaN are false, so NaN stays.
HWY_INLINE FloatVector between(FloatVector x, FloatVector low, FloatVector high) {
  x = hn::IfThenElse(hn::Lt(x, low), low, x);
  return hn::IfThenElse(hn::Gt(x, high), high, x);
}

HWY_INLINE FloatVector hard_sigmoid(FloatVector x, FloatVector alpha, FloatVector beta) {
  return between(hn::MulAdd(alpha, x, beta), constant(0.0f), constant(1.0f));
}

HWY_INLINE FloatVector gelu_tanh(FloatVector x) {
  const FloatVector cube = hn::Mul(hn::Mul(x, x), x);
  const FloatVector inner = hn::Mul(constant(0.79788456f), hn::MulAdd(constant(0.044715f), cube, x));
  // x / 2 · (1 + tanh u) = x · sigmoid(2u), without cancellation.
  return hn::Mul(x, sigmoid(hn::Add(inner, inner)));
}

void RunUnary(const UnaryRun& run) {
  const FloatVector a = constant(run.a), b = constant(run.b), zero = constant(0.0f), one = constant(1.0f);
#define SLIPWAY_MAP(expression) return map(run, [=](FloatVector x) HWY_ATTR { return expression; })
  switch (run.function) {
    case Unary::kAbs:
      SLIPWAY_MAP(hn::Abs(x));
    // Without an instruction for it, Highway rounds -0 to 0.
    case Unary::kCeil:
      SLIPWAY_MAP(hn::CopySign(hn::Ceil(x), x));
    case Unary::kClip:
      SLIPWAY_MAP(between(x, a, b));
    case Unary::kElu:
      SLIPWAY_MAP(hn::IfThenElse(hn::Lt(x, zero), hn::Mul(a, expm1(x)), x));
    case Unary::kErf:
      SLIPWAY_MAP(erf(x));
    case Unary::kExp:
      SLIPWAY_MAP(exp(x));
    case Unary::kFloor:
      SLIPWAY_MAP(hn::CopySign(hn::Floor(x), x));
    case Unary::kGelu:
      SLIPWAY_MAP(gelu(x));
    case Unary::kGeluTanh:
      SLIPWAY_MAP(gelu_tanh(x));
    case Unary::kHardSigmoid:
      SLIPWAY_MAP(hard_sigmoid(x, a, b));
    case Unary::kHardSwish:
      SLIPWAY_MAP(hn::Mul(x, hard_sigmoid(x, a, b)));
    case Unary::kLeakyRelu:
      SLIPWAY_MAP(hn::IfThenElse(hn::Lt(x, zero), hn::Mul(a, x), x));
    case Unary::kLog:
      SLIPWAY_MAP(log(x));
    case Unary::kMish:
      SLIPWAY_MAP(hn::Mul(x, tanh(softplus(x))));
    case Unary::kNeg:
      SLIPWAY_MAP(hn::Neg(x));
    case Unary::kReciprocal:
      SLIPWAY_MAP(hn::Div(one, x));
    case Unary::kRelu:
      SLIPWAY_MAP(at_least(x, 0.0f));
    case Unary::kRound:
      SLIPWAY_MAP(hn::CopySign(hn::Round(x), x));
    case Unary::kSigmoid:
      SLIPWAY_MAP(sigmoid(x));
    case Unary::kSoftplus:
      SLIPWAY_MAP(softplus(x));
    case Unary::kSoftsign:
      SLIPWAY_MAP(hn::Div(x, hn::Add(one, hn::Abs(x))));
    case Unary::kSqrt:
      SLIPWAY_MAP(hn::Sqrt(x));
    case Unary::kSquare:
      SLIPWAY_MAP(hn::Mul(x, x));
    case Unary::kSwish:
      SLIPWAY_MAP(hn::Mul(x, sigmoid(hn::Mul(a, x))));
    case Unary::kTanh:
      SLIPWAY_MAP(tanh(x));
  }
#undef SLIPWAY_MAP
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(RunUnary);

namespace {

// Numbers per piece of work: enough to be worth a thread, few enough to stay in its cache.
constexpr int64_t kPiece = 16384;

class UnaryKernel : public Kernel {
 public:
  UnaryKernel(Unary function, float a, float b) : function_(function), a_(a), b_(b) {}

  void run(const KernelRun& run) const override {
    const int64_t count = run.input(0).count();
    const float* in = run.input_floats(0);
    float* out = run.output_floats(0);
    run.pool.parallel_for(static_cast<size_t>((count + kPiece - 1) / kPiece), [&](size_t piece, int) {
      const int64_t begin = static_cast<int64_t>(piece) * kPiece;
      HWY_DYNAMIC_DISPATCH(RunUnary)(
          {function_, a_, b_, in + begin, out + begin, std::min(kPiece, count - begin)});
    });
  }

 private:
  Unary function_;
  float a_, b_;
};

std::unique_ptr<Kernel> make(const KernelRequest& request, Unary function, float a = 0, float b = 0) {
  if (request.input_types.at(0) != DataType::kFloat) return nullptr;
  return std::make_unique<UnaryKernel>(function, a, b);
}

// The constant scalar of an optional input; nothing when it is computed.
std::optional<float> scalar(const KernelRequest& request, size_t input, float otherwise) {
  if (!request.node().input(input)) return otherwise;
  const Tensor* constant = request.shapes.constants[input];
  if (!constant || constant->count() != 1 || constant->type() != DataType::kFloat) return std::nullopt;
  return constant->data<float>()[0];
}

}  // namespace

std::unique_ptr<Kernel> make_abs(const KernelRequest& r) {
  return make(r, Unary::kAbs);
}
std::unique_ptr<Kernel> make_ceil(const KernelRequest& r) {
  return make(r, Unary::kCeil);
}
std::unique_ptr<Kernel> make_erf(const KernelRequest& r) {
  return make(r, Unary::kErf);
}
std::unique_ptr<Kernel> make_exp(const KernelRequest& r) {
  return make(r, Unary::kExp);
}
std::unique_ptr<Kernel> make_floor(const KernelRequest& r) {
  return make(r, Unary::kFloor);
}
std::unique_ptr<Kernel> make_log(const KernelRequest& r) {
  return make(r, Unary::kLog);
}
std::unique_ptr<Kernel> make_mish(const KernelRequest& r) {
  return make(r, Unary::kMish);
}
std::unique_ptr<Kernel> make_neg(const KernelRequest& r) {
  return make(r, Unary::kNeg);
}
std::unique_ptr<Kernel> make_reciprocal(const KernelRequest& r) {
  return make(r, Unary::kReciprocal);
}
std::unique_ptr<Kernel> make_relu(const KernelRequest& r) {
  return make(r, Unary::kRelu);
}
std::unique_ptr<Kernel> make_round(const KernelRequest& r) {
  return make(r, Unary::kRound);
}
std::unique_ptr<Kernel> make_sigmoid(const KernelRequest& r) {
  return make(r, Unary::kSigmoid);
}
std::unique_ptr<Kernel> make_softplus(const KernelRequest& r) {
  return make(r, Unary::kSoftplus);
}
std::unique_ptr<Kernel> make_softsign(const KernelRequest& r) {
  return make(r, Unary::kSoftsign);
}
std::unique_ptr<Kernel> make_sqrt(const KernelRequest& r) {
  return make(r, Unary::kSqrt);
}
std::unique_ptr<Kernel> make_tanh(const KernelRequest& r) {
  return make(r, Unary::kTanh);
}

std::unique_ptr<Kernel> make_clip(const KernelRequest& request) {
  const auto low = scalar(request, 1, -HUGE_VALF), high = scalar(request, 2, HUGE_VALF);
  return low && high ? make(request, Unary::kClip, *low, *high) : nullptr;
}
std::unique_ptr<Kernel> make_elu(const KernelRequest& request) {
  return make(request, Unary::kElu, request.node().float_attribute("alpha", 1.0f));
}
std::unique_ptr<Kernel> make_gelu(const KernelRequest& request) {
  const std::string approximate = request.node().string_attribute("approximate", "none");
  if (approximate == "tanh") return make(request, Unary::kGeluTanh);
  return approximate == "none" ? make(request, Unary::kGelu) : nullptr;
}
std::unique_ptr<Kernel> make_hard_sigmoid(const KernelRequest& request) {
  const Node& node = request.node();
  return make(request, Unary::kHardSigmoid, node.float_attribute("alpha", 0.2f),
              node.float_attribute("beta", 0.5f));
}
std::unique_ptr<Kernel> make_hard_swish(const KernelRequest& request) {
  return make(request, Unary::kHardSwish, 1.0f / 6.0f, 0.5f);
}
std::unique_ptr<Kernel> make_leaky_relu(const KernelRequest& request) {
  return make(request, Unary::kLeakyRelu, request.node().float_attribute("alpha", 0.01f));
}
std::unique_ptr<Kernel> make_swish(const KernelRequest& request) {
  return make(request, Unary::kSwish, request.node().float_attribute("alpha", 1.0f));
}

// The exponents that networks have; their results are as exact as pow's.
std::unique_ptr<Kernel> make_pow(const KernelRequest& request) {
  const auto exponent = scalar(request, 1, 0);
  const bool broadcasts = request.shapes.inputs[0] != request.shapes.outputs[0];
  if (!exponent || broadcasts) return nullptr;
  if (*exponent == 2.0f) return make(request, Unary::kSquare);
  if (*exponent == -1.0f) return make(request, Unary::kReciprocal);
  return nullptr;
}

}  // namespace slipway::engine
#endif
