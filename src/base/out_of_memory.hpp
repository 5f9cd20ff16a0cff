// Memory that is not there, as an Error: so that it says, by the context around it, what it was wanted for.
#pragma once

#include <new>
#include <stdexcept>
#include <utility>

#include "base/error.hpp"

namespace slipway {

// Runs `body`; a std::bad_alloc that leaves it, or a container's length that no
// machine has memory for, becomes kOutOfMemory. Goes inside a with_context.
template <typename Body>
decltype(auto) with_memory_errors(Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::kOutOfMemory, "the machine's memory does not suffice");
  } catch (const std::length_error&) {
    fail(ErrorCode::kOutOfMemory, "the machine's memory does not suffice");
  }
}

}  // namespace slipway
