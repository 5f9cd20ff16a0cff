// The border: what an entry of the C API throws becomes a status, and the text of slipway_last_error.
#pragma once

#include <exception>
#include <type_traits>

#include "slipway/slipway.h"

namespace slipway::api {

// The status for an exception; its text becomes that of slipway_last_error in this thread.
slipway_status remember(std::exception_ptr exception) noexcept;

template <typename Body>
slipway_status guarded(Body&& body) noexcept {
  static_assert(std::is_void_v<std::invoke_result_t<Body>>);
  try {
    body();
    return SLIPWAY_OK;
  } catch (...) {
    return remember(std::current_exception());
  }
}

}  // namespace slipway::api
