// The handle of a request to stop.
#pragma once

#include "api/arguments.hpp"
#include "base/cancellation.hpp"
#include "slipway/slipway.h"

struct slipway_cancellation : slipway::api::Tagged<0x534C4301> {
  static constexpr const char* kKind = "slipway_cancellation";
  slipway::Cancellation request;
};

namespace slipway::api {

// The request, which outlives the handle; for NULL one that nobody makes.
Cancellation request_of(const slipway_cancellation* cancellation);

}  // namespace slipway::api
