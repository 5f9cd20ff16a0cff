// Calls a function of a library. Whatever it throws becomes an Error here: nothing foreign goes further up.
#pragma once

#include <exception>
#include <new>
#include <utility>

#include "base/error.hpp"

namespace slipway::custom {

// `function` is what messages call it. Throws kOutOfMemory for a std::bad_alloc, kInternal for anything else.
template <typename Body>
decltype(auto) foreign_call(const char* function, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::kOutOfMemory, "its function {} found no memory", function);
  } catch (const std::exception& exception) {
    fail(ErrorCode::kInternal, "its function {} threw an exception: {}", function, exception.what());
  } catch (...) {
    fail(ErrorCode::kInternal, "its function {} threw something that is no std::exception", function);
  }
}

}  // namespace slipway::custom
