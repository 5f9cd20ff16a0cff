#include "api/cancellation.hpp"

#include "api/status.hpp"

namespace slipway::api {

Cancellation request_of(const slipway_cancellation* cancellation) {
  return cancellation ? handle(cancellation, "cancellation").request : Cancellation();
}

}  // namespace slipway::api

using namespace slipway::api;

slipway_status slipway_cancellation_create(slipway_cancellation** cancellation) {
  return guarded([&] {
    auto& out = not_null(cancellation, "cancellation");
    out = new slipway_cancellation;
  });
}

slipway_status slipway_cancel(slipway_cancellation* cancellation) {
  return guarded([&] { handle(cancellation, "cancellation").request.request(); });
}

slipway_status slipway_cancellation_reset(slipway_cancellation* cancellation) {
  return guarded([&] { handle(cancellation, "cancellation").request.reset(); });
}

void slipway_cancellation_free(slipway_cancellation* cancellation) {
  delete cancellation;
}
