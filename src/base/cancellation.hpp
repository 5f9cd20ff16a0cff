// A request to stop, set from any thread and looked at between units of work. Copies share the request.
#pragma once

#include <atomic>
#include <memory>

#include "base/error.hpp"

namespace slipway {

class Cancellation {
 public:
  Cancellation() : requested_(std::make_shared<std::atomic<bool>>(false)) {}
  void request() { requested_->store(true, std::memory_order_relaxed); }
  void reset() { requested_->store(false, std::memory_order_relaxed); }
  bool requested() const { return requested_->load(std::memory_order_relaxed); }
  // Throws kCancelled when a stop was requested.
  void check() const {
    if (requested()) fail(ErrorCode::kCancelled, "the run was cancelled");
  }

 private:
  std::shared_ptr<std::atomic<bool>> requested_;
};

}  // namespace slipway
