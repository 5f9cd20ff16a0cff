// Operators of two tensors that are broadcast, for other types than elementwise.cpp's f32: Add, Sub, Mul, Max
// and Min of integers and f64, comparisons, and the operators of bools, which are bytes here. Arithmetic is
// plain loops, which the compiler turns into vectors for each instruction set; of comparisons it makes none,
// so these are written with vectors.
#include <array>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/pairs.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernel.hpp"
#include "engine/kernels/broadcast.hpp"

#ifndef SLIPWAY_PAIRS_ONCE
#define SLIPWAY_PAIRS_ONCE
namespace slipway::engine {

enum class Pair : uint8_t {
  kAdd,
  kSub,
  kMul,
  kMax,
  kMin,
  kEqual,
  kLess,
  kLessOrEqual,
  kAnd,
  kOr,
  kXor,
  kNor
};

// `count` outputs; an operand of step 0 is one value for all of them.
struct PairRun {
  const void *a, *b;
  int64_t a_step, b_step;
  void* out;
  int64_t count;
};

using PairLoop = void (*)(const PairRun&);

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// ---- Arithmetic ----

// Integers wrap: unsigned arithmetic is the same for both signs.
template <typename T>
using Wrapping = std::common_type_t<T, unsigned>;

struct Arithmetic {};
struct Add : Arithmetic {
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return static_cast<T>(Wrapping<T>(a) + Wrapping<T>(b));
  }
};
struct Sub : Arithmetic {
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return static_cast<T>(Wrapping<T>(a) - Wrapping<T>(b));
  }
};
struct Mul : Arithmetic {
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return static_cast<T>(Wrapping<T>(a) * Wrapping<T>(b));
  }
};
// NaN wins: it differs from itself.
struct Max : Arithmetic {
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return b > a || b != b ? b : a;
  }
};
struct Min : Arithmetic {
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return b < a || b != b ? b : a;
  }
};
// ---- Questions, whose answers are bytes ----

struct Equal {
  template <typename V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Eq(a, b);
  }
};
struct Less {
  template <typename V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Lt(a, b);
  }
};
// Of numbers that have no NaN, so that less or equal is not greater; of floats below.
struct NotGreater {
  template <typename V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Not(hn::Lt(b, a));
  }
};
struct LessOrEqual {
  template <typename V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Le(a, b);
  }
};
template <typename V>
HWY_INLINE auto is_false(V a) {
  return hn::Eq(a, hn::Zero(hn::DFromV<V>()));
}
struct And {
  template <typename V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Not(hn::Or(is_false(a), is_false(b)));
  }
};
struct Or {
  template <typename V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Not(is_false(hn::Or(a, b)));
  }
};
struct Xor {
  template <typename V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Xor(is_false(a), is_false(b));
  }
};
struct Nor {
  template <typename V>
  HWY_INLINE auto operator()(V a, V b) const {
    return is_false(hn::Or(a, b));
  }
};

template <typename T, typename Operation>
void loop(const PairRun& run) {
  const Operation operation;
  const T* HWY_RESTRICT a = static_cast<const T*>(run.a);
  const T* HWY_RESTRICT b = static_cast<const T*>(run.b);
  T* HWY_RESTRICT out = static_cast<T*>(run.out);
  const T a0 = *a, b0 = *b;
  if (run.a_step && run.b_step)
    for (int64_t i = 0; i < run.count; ++i) out[i] = operation(a[i], b[i]);
  else if (run.a_step)
    for (int64_t i = 0; i < run.count; ++i) out[i] = operation(a[i], b0);
  else
    for (int64_t i = 0; i < run.count; ++i) out[i] = operation(a0, b[i * run.b_step]);
}

// One byte, 0 or 1, for each lane of the mask.
template <typename D>
HWY_INLINE void store_answers(D, hn::Mask<D> mask, uint8_t* out) {
  const hn::RebindToUnsigned<D> lanes;
  const hn::Rebind<uint8_t, D> bytes;
  const auto ones = hn::IfThenElseZero(hn::RebindMask(lanes, mask), hn::Set(lanes, 1));
  if constexpr (sizeof(hn::TFromD<D>) == 1)
    hn::StoreU(ones, bytes, out);
  else
    hn::StoreU(hn::TruncateTo(bytes, ones), bytes, out);
}

// From place `begin` on, as many whole vectors as there are; returns where they end.
template <typename Question, typename D>
HWY_INLINE int64_t answer(D d, const PairRun& run, int64_t begin) {
  using T = hn::TFromD<D>;
  const Question question;
  const T *a = static_cast<const T*>(run.a), *b = static_cast<const T*>(run.b);
  auto* out = static_cast<uint8_t*>(run.out);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto a0 = hn::Set(d, *a), b0 = hn::Set(d, *b);
  int64_t i = begin;
  if (run.a_step && run.b_step)
    for (; i + lanes <= run.count; i += lanes)
      store_answers(d, question(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), out + i);
  else if (run.a_step)
    for (; i + lanes <= run.count; i += lanes) store_answers(d, question(hn::LoadU(d, a + i), b0), out + i);
  else if (run.b_step)
    for (; i + lanes <= run.count; i += lanes) store_answers(d, question(a0, hn::LoadU(d, b + i)), out + i);
  else
    for (; i + lanes <= run.count; i += lanes) store_answers(d, question(a0, b0), out + i);
  return i;
}

template <typename T, typename Question>
void ask(const PairRun& run) {
  const hn::ScalableTag<T> d;
  const HWY_CAPPED(T, 1) one;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), done = answer<Question>(d, run, 0);
  if (done == run.count) return;
  // What is left: a last vector that begins before, or one by one.
  if (run.count >= lanes)
    answer<Question>(d, run, run.count - lanes);
  else
    answer<Question>(one, run, done);
}

template <typename T, typename Operation>
PairLoop loop_of() {
  if constexpr (std::is_base_of_v<Arithmetic, Operation>)
    return loop<T, Operation>;
  else
    return ask<T, Operation>;
}

// Operations that do not ask for an integer's sign have the unsigned type alone.
template <typename Operation>
PairLoop of_any_sign(DataType type) {
  switch (type) {
    case DataType::kBool:
    case DataType::kInt8:
    case DataType::kUint8:
      return loop_of<uint8_t, Operation>();
    case DataType::kInt16:
    case DataType::kUint16:
      return loop_of<uint16_t, Operation>();
    case DataType::kInt32:
    case DataType::kUint32:
      return loop_of<uint32_t, Operation>();
    case DataType::kInt64:
    case DataType::kUint64:
      return loop_of<uint64_t, Operation>();
    case DataType::kDouble:
      return loop_of<double, Operation>();
    default:
      return nullptr;
  }
}

template <typename Operation>
PairLoop of_each_sign(DataType type) {
  switch (type) {
    case DataType::kInt8:
      return loop_of<int8_t, Operation>();
    case DataType::kInt16:
      return loop_of<int16_t, Operation>();
    case DataType::kInt32:
      return loop_of<int32_t, Operation>();
    case DataType::kInt64:
      return loop_of<int64_t, Operation>();
    default:
      return type == DataType::kBool ? nullptr : of_any_sign<Operation>(type);
  }
}

PairLoop LoopOf(Pair operation, DataType type) {
  const bool is_float = type == DataType::kFloat, is_bool = type == DataType::kBool;
  switch (operation) {
    case Pair::kAdd:
      return of_any_sign<Add>(type);
    case Pair::kSub:
      return of_any_sign<Sub>(type);
    case Pair::kMul:
      return of_any_sign<Mul>(type);
    case Pair::kMax:
      return of_each_sign<Max>(type);
    case Pair::kMin:
      return of_each_sign<Min>(type);
    case Pair::kEqual:
      return is_float ? ask<float, Equal> : of_any_sign<Equal>(type);
    case Pair::kLess:
      return is_float ? ask<float, Less> : of_each_sign<Less>(type);
    case Pair::kLessOrEqual:
      if (is_float) return ask<float, LessOrEqual>;
      return type == DataType::kDouble ? ask<double, LessOrEqual> : of_each_sign<NotGreater>(type);
    case Pair::kAnd:
      return is_bool ? ask<uint8_t, And> : nullptr;
    case Pair::kOr:
      return is_bool ? ask<uint8_t, Or> : nullptr;
    case Pair::kXor:
      return is_bool ? ask<uint8_t, Xor> : nullptr;
    case Pair::kNor:
      return is_bool ? ask<uint8_t, Nor> : nullptr;
  }
  return nullptr;
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(LoopOf);

namespace {

class PairKernel : public Kernel {
 public:
  // `left` and `right` are the inputs that are the operands.
  PairKernel(const KernelRequest& request, PairLoop loop, size_t left, size_t right)
      : loop_(loop),
        left_(left),
        right_(right),
        in_bytes_(bits_of(request.input_types[0]) / 8),
        out_bytes_(bits_of(request.output_types[0]) / 8),
        broadcast_(request.shapes.outputs[0],
                   std::array<Dims, 2>{request.shapes.inputs[left], request.shapes.inputs[right]}) {}

  void run(const KernelRun& run) const override {
    const auto* a = static_cast<const std::byte*>(run.input(left_).raw());
    const auto* b = static_cast<const std::byte*>(run.input(right_).raw());
    auto* out = static_cast<std::byte*>(run.output(0).raw());
    broadcast_.run(run.pool, [&](const Broadcast::Run& part) {
      loop_({a + part.places[0] * in_bytes_, b + part.places[1] * in_bytes_, part.steps[0], part.steps[1],
             out + part.out * out_bytes_, part.count});
    });
  }

 private:
  PairLoop loop_;
  size_t left_, right_;
  int64_t in_bytes_, out_bytes_;
  Broadcast broadcast_;
};

std::unique_ptr<Kernel> make_pair(const KernelRequest& request, Pair operation, bool swapped = false) {
  if (request.shapes.inputs.size() != 2 || request.input_types[0] != request.input_types[1]) return nullptr;
  const PairLoop loop = HWY_DYNAMIC_DISPATCH(LoopOf)(operation, request.input_types[0]);
  if (!loop) return nullptr;
  return std::make_unique<PairKernel>(request, loop, swapped ? 1 : 0, swapped ? 0 : 1);
}

}  // namespace

std::unique_ptr<Kernel> make_typed_add(const KernelRequest& request) {
  return make_pair(request, Pair::kAdd);
}
std::unique_ptr<Kernel> make_typed_sub(const KernelRequest& request) {
  return make_pair(request, Pair::kSub);
}
std::unique_ptr<Kernel> make_typed_mul(const KernelRequest& request) {
  return make_pair(request, Pair::kMul);
}
std::unique_ptr<Kernel> make_typed_max(const KernelRequest& request) {
  return make_pair(request, Pair::kMax);
}
std::unique_ptr<Kernel> make_typed_min(const KernelRequest& request) {
  return make_pair(request, Pair::kMin);
}
std::unique_ptr<Kernel> make_equal(const KernelRequest& request) {
  return make_pair(request, Pair::kEqual);
}
std::unique_ptr<Kernel> make_less(const KernelRequest& request) {
  return make_pair(request, Pair::kLess);
}
std::unique_ptr<Kernel> make_less_or_equal(const KernelRequest& request) {
  return make_pair(request, Pair::kLessOrEqual);
}
std::unique_ptr<Kernel> make_greater(const KernelRequest& request) {
  return make_pair(request, Pair::kLess, true);
}
std::unique_ptr<Kernel> make_greater_or_equal(const KernelRequest& request) {
  return make_pair(request, Pair::kLessOrEqual, true);
}
std::unique_ptr<Kernel> make_and(const KernelRequest& request) {
  return make_pair(request, Pair::kAnd);
}
std::unique_ptr<Kernel> make_or(const KernelRequest& request) {
  return make_pair(request, Pair::kOr);
}
std::unique_ptr<Kernel> make_xor(const KernelRequest& request) {
  return make_pair(request, Pair::kXor);
}

// Neither x nor x.
std::unique_ptr<Kernel> make_not(const KernelRequest& request) {
  const PairLoop loop = HWY_DYNAMIC_DISPATCH(LoopOf)(Pair::kNor, request.input_types[0]);
  return loop ? std::make_unique<PairKernel>(request, loop, 0, 0) : nullptr;
}

}  // namespace slipway::engine
#endif
