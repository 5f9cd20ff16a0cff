// What a caller handed over, checked before it is used.
#pragma once

#include <cstdint>
#include <span>

#include "base/error.hpp"

namespace slipway::api {

// The beginning of every handle: tells its kind from others, and a freed one as long as nobody else uses its
// memory.
template <uint32_t kTag>
class Tagged {
 public:
  Tagged() = default;
  // Volatile: the compiler would drop a store to an object that ends.
  ~Tagged() { tag_ = 0; }
  Tagged(const Tagged&) = delete;
  Tagged& operator=(const Tagged&) = delete;
  bool is_alive() const { return tag_ == kTag; }

 private:
  volatile uint32_t tag_ = kTag;
};

// `argument` is the parameter's name.
template <typename T>
T& not_null(T* pointer, const char* argument) {
  if (!pointer) fail(ErrorCode::kInvalidArgument, "argument '{}' is NULL", argument);
  return *pointer;
}

template <typename Handle>
Handle& handle(Handle* pointer, const char* argument) {
  if (!not_null(pointer, argument).is_alive())
    fail(ErrorCode::kInvalidArgument, "argument '{}' is not a {}, or was freed", argument, Handle::kKind);
  return *pointer;
}

// An array that may be NULL where it has no elements.
template <typename T>
std::span<T> array(T* elements, size_t count, const char* argument) {
  if (count > 0) not_null(elements, argument);
  return {elements, count};
}

}  // namespace slipway::api
