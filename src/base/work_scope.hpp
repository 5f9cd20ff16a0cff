// A limit on the work of kernels: whoever runs one states, for its thread, what ends it early, and kernels
// whose work grows faster than what they read and write tell, part by part (a row, a line, a region), how
// much is to come. Where nobody states anything, nothing is looked at.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>

#include "base/cancellation.hpp"

namespace slipway {

// While it lives, its thread works under this limit, and after it under the one before.
class WorkScope {
 public:
  // Until a stop is requested; `cancellation` must outlive the scope.
  explicit WorkScope(const Cancellation& cancellation) : WorkScope(&cancellation, kNoLimit) {}
  // About so many operations.
  explicit WorkScope(double operations) : WorkScope(nullptr, operations) {}
  ~WorkScope() { current_ = outer_; }
  WorkScope(const WorkScope&) = delete;
  WorkScope& operator=(const WorkScope&) = delete;

  // What kernels have told of.
  double spent() const { return spent_; }

  // Kernels call it before about so many operations. Throws kCancelled when they are not wanted. None at all
  // counts as one: a hundred million windows that see nothing but padding take their time.
  static void spend(double operations) {
    WorkScope* scope = current_;
    if (!scope) return;
    scope->spent_ += std::max(operations, 1.0);
    if (scope->spent_ >= scope->next_look_) scope->look();
  }

 private:
  static constexpr double kNoLimit = std::numeric_limits<double>::infinity();

  WorkScope(const Cancellation* cancellation, double limit)
      : cancellation_(cancellation), limit_(limit), outer_(std::exchange(current_, this)) {}
  void look();

  static inline thread_local WorkScope* current_ = nullptr;

  const Cancellation* cancellation_;
  double limit_;
  WorkScope* outer_;
  double spent_ = 0, next_look_ = 0;
};

}  // namespace slipway
