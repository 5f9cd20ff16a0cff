// Shows a Progress on standard error: a bar where the total is known, else the stage and the time. It appears
// when the work has taken a second, and only on a terminal; it wipes itself when it ends.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/progress.hpp"

namespace slipway::cli {

class ProgressBar {
 public:
  explicit ProgressBar(Progress progress);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

 private:
  void show();

  Progress progress_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace slipway::cli
