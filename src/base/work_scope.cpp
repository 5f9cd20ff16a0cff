#include "base/work_scope.hpp"

#include <algorithm>

namespace slipway {
namespace {

// Well below a millisecond; the clock is not asked for each small part.
constexpr double kOperationsPerLook = 1e5;

}  // namespace

void WorkScope::look() {
  if (spent_ > limit_)
    fail(ErrorCode::kCancelled, "it takes more than the {:.3g} operations that are allowed here", limit_);
  if (cancellation_) cancellation_->check();
  next_look_ = std::min(spent_ + kOperationsPerLook, limit_);
}

}  // namespace slipway
