// From an element type known at run time to a C++ type.
//
//   dispatch<Floats>(tensor.type(), [&]<typename T>(ElementType<T>) { compute<T>(...); });
#pragma once

#include <concepts>

#include "base/error.hpp"
#include "tensor/element.hpp"

namespace slipway::ops {

template <typename T>
struct ElementType {
  using type = T;
};

template <typename... Ts>
struct Elements {};

template <typename A, typename B>
struct Joined;
template <typename... As, typename... Bs>
struct Joined<Elements<As...>, Elements<Bs...>> {
  using type = Elements<As..., Bs...>;
};
template <typename A, typename B>
using Join = typename Joined<A, B>::type;

using Floats = Elements<float, double, Float16, Bfloat16>;
using SignedIntegers = Elements<int8_t, int16_t, int32_t, int64_t>;
using UnsignedIntegers = Elements<uint8_t, uint16_t, uint32_t, uint64_t>;
using Integers = Join<SignedIntegers, UnsignedIntegers>;
using Numbers = Join<Floats, Integers>;
// What matrix products and most reductions take.
using WideNumbers = Join<Floats, Elements<int32_t, int64_t, uint32_t, uint64_t>>;
using Float8s = Elements<Float8e4m3fn, Float8e4m3fnuz, Float8e5m2, Float8e5m2fnuz>;

namespace detail {

template <typename T, typename Visit>
bool visit_if(DataType type, Visit& visit) {
  if (type != data_type_of<T>) return false;
  visit(ElementType<T>{});
  return true;
}

template <typename... Ts, typename Visit>
bool visit_one_of(Elements<Ts...>, DataType type, Visit& visit) {
  return (visit_if<Ts>(type, visit) || ...);
}

}  // namespace detail

// Calls visit(ElementType<T>{}) with the type of the list that `type` stands for. Throws kUnsupported when it
// is none of them.
template <typename List, typename Visit>
void dispatch(DataType type, Visit&& visit) {
  if (!detail::visit_one_of(List{}, type, visit))
    fail(ErrorCode::kUnsupported, "the reference kernel does not take elements of type {}", name_of(type));
}

// The type in which reference kernels calculate with elements of type T: double for all floats, so that a
// result is right to the last bit or nearly so, is rounded once, and does not depend on the machine's libm.
template <typename T>
struct Exact {
  using type = double;
};
template <std::integral T>
struct Exact<T> {
  using type = T;
};
template <typename T>
using ExactType = typename Exact<T>::type;

template <typename T>
ExactType<T> to_exact(T value) {
  return static_cast<ExactType<T>>(value);
}
template <SmallFloatKind K, typename Bits>
double to_exact(SmallFloat<K, Bits> value) {
  return static_cast<float>(value);
}

// Integer arithmetic modulo 2^bits, which the language leaves undefined for signed types.
template <std::integral T>
T wrapping_add(T a, T b) {
  return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
template <std::integral T>
T wrapping_subtract(T a, T b) {
  return static_cast<T>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
template <std::integral T>
T wrapping_multiply(T a, T b) {
  return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}
inline double wrapping_add(double a, double b) {
  return a + b;
}
inline double wrapping_subtract(double a, double b) {
  return a - b;
}
inline double wrapping_multiply(double a, double b) {
  return a * b;
}

}  // namespace slipway::ops
