// A request to stop, set from any thread or by a time that is over, and looked at between units of work.
// Copies share the request.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "base/error.hpp"

namespace slipway {

class Cancellation {
 public:
  using Clock = std::chrono::steady_clock;

  Cancellation() : state_(std::make_shared<State>()) {}
  void request() { state_->requested.store(true, std::memory_order_relaxed); }
  // Takes back the request, and the end.
  void reset() {
    state_->requested.store(false, std::memory_order_relaxed);
    state_->end.store(Clock::time_point::max(), std::memory_order_relaxed);
  }
  // From this time on it is requested.
  void request_at(Clock::time_point end) { state_->end.store(end, std::memory_order_relaxed); }

  bool requested() const { return state_->requested.load(std::memory_order_relaxed) || is_late(); }
  // Throws kCancelled when a stop was requested.
  void check() const {
    if (!requested()) return;
    fail(ErrorCode::kCancelled, "{}", is_late() ? "the time limit is over" : "the run was cancelled");
  }

 private:
  struct State {
    std::atomic<bool> requested{false};
    std::atomic<Clock::time_point> end{Clock::time_point::max()};
  };

  // Without an end nobody looks at the clock.
  bool is_late() const {
    const auto end = state_->end.load(std::memory_order_relaxed);
    return end != Clock::time_point::max() && Clock::now() >= end;
  }

  std::shared_ptr<State> state_;
};

}  // namespace slipway
