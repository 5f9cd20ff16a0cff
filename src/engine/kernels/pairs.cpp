// Operators of two tensors that are broadcast, for other types than elementwise.cpp's f32: Add, Sub, Mul, Max
// and Min of integers and f64, comparisons, and the operators of bools, which are bytes here. Plain loops,
// which the compiler turns into vectors for each instruction set.
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

// Integers wrap: unsigned arithmetic is the same for both signs.
template <typename T>
using Wrapping = std::common_type_t<T, unsigned>;

struct Add {
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return static_cast<T>(Wrapping<T>(a) + Wrapping<T>(b));
  }
};
struct Sub {
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return static_cast<T>(Wrapping<T>(a) - Wrapping<T>(b));
  }
};
struct Mul {
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return static_cast<T>(Wrapping<T>(a) * Wrapping<T>(b));
  }
};
// NaN wins: it differs from itself.
struct Max {
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return b > a || b != b ? b : a;
  }
};
struct Min {
  template <typename T>
  HWY_INLINE T operator()(T a, T b) const {
    return b < a || b != b ? b : a;
  }
};
struct Equal {
  template <typename T>
  HWY_INLINE uint8_t operator()(T a, T b) const {
    return a == b;
  }
};
struct Less {
  template <typename T>
  HWY_INLINE uint8_t operator()(T a, T b) const {
    return a < b;
  }
};
struct LessOrEqual {
  template <typename T>
  HWY_INLINE uint8_t operator()(T a, T b) const {
    return a <= b;
  }
};
struct And {
  HWY_INLINE uint8_t operator()(uint8_t a, uint8_t b) const { return (a != 0) & (b != 0); }
};
struct Or {
  HWY_INLINE uint8_t operator()(uint8_t a, uint8_t b) const { return (a | b) != 0; }
};
struct Xor {
  HWY_INLINE uint8_t operator()(uint8_t a, uint8_t b) const { return (a != 0) != (b != 0); }
};
struct Nor {
  HWY_INLINE uint8_t operator()(uint8_t a, uint8_t b) const { return (a | b) == 0; }
};

template <typename T, typename Operation>
void loop(const PairRun& run) {
  using Result = decltype(Operation{}(T{}, T{}));
  const Operation operation;
  const T* HWY_RESTRICT a = static_cast<const T*>(run.a);
  const T* HWY_RESTRICT b = static_cast<const T*>(run.b);
  Result* HWY_RESTRICT out = static_cast<Result*>(run.out);
  const T a0 = *a, b0 = *b;
  if (run.a_step && run.b_step)
    for (int64_t i = 0; i < run.count; ++i) out[i] = operation(a[i], b[i]);
  else if (run.a_step)
    for (int64_t i = 0; i < run.count; ++i) out[i] = operation(a[i], b0);
  else
    for (int64_t i = 0; i < run.count; ++i) out[i] = operation(a0, b[i * run.b_step]);
}

// Operations that do not ask for an integer's sign have the unsigned type alone.
template <typename Operation>
PairLoop of_any_sign(DataType type) {
  switch (type) {
    case DataType::kBool:
    case DataType::kInt8:
    case DataType::kUint8:
      return loop<uint8_t, Operation>;
    case DataType::kInt16:
    case DataType::kUint16:
      return loop<uint16_t, Operation>;
    case DataType::kInt32:
    case DataType::kUint32:
      return loop<uint32_t, Operation>;
    case DataType::kInt64:
    case DataType::kUint64:
      return loop<uint64_t, Operation>;
    case DataType::kDouble:
      return loop<double, Operation>;
    default:
      return nullptr;
  }
}

template <typename Operation>
PairLoop of_each_sign(DataType type) {
  switch (type) {
    case DataType::kInt8:
      return loop<int8_t, Operation>;
    case DataType::kInt16:
      return loop<int16_t, Operation>;
    case DataType::kInt32:
      return loop<int32_t, Operation>;
    case DataType::kInt64:
      return loop<int64_t, Operation>;
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
      return is_float ? loop<float, Equal> : of_any_sign<Equal>(type);
    case Pair::kLess:
      return is_float ? loop<float, Less> : of_each_sign<Less>(type);
    case Pair::kLessOrEqual:
      return is_float ? loop<float, LessOrEqual> : of_each_sign<LessOrEqual>(type);
    case Pair::kAnd:
      return is_bool ? loop<uint8_t, And> : nullptr;
    case Pair::kOr:
      return is_bool ? loop<uint8_t, Or> : nullptr;
    case Pair::kXor:
      return is_bool ? loop<uint8_t, Xor> : nullptr;
    case Pair::kNor:
      return is_bool ? loop<uint8_t, Nor> : nullptr;
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
