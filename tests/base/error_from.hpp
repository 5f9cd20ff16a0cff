// The message of the Error that something throws.
#pragma once

#include <string>

#include "base/error.hpp"

namespace slipway {

// "no error" when nothing is thrown.
template <typename Body>
std::string error_from(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace slipway
