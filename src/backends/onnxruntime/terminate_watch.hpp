// Carries cancellation into runs of ONNX Runtime, which does not poll: a thread that looks at the requests of
// the runs in flight every few milliseconds and asks the library to end those that are to stop. The thread
// sleeps while nothing runs.
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "backends/onnxruntime/ort_library.hpp"
#include "base/cancellation.hpp"

namespace slipway::backends::ort {

class TerminateWatch {
 public:
  explicit TerminateWatch(const Library& library);
  ~TerminateWatch();
  TerminateWatch(const TerminateWatch&) = delete;
  TerminateWatch& operator=(const TerminateWatch&) = delete;

  // While it lives, a request ends the run that `options` belong to.
  class Guard {
   public:
    Guard(TerminateWatch& watch, RunOptions* options, const Cancellation& cancellation);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    TerminateWatch& watch_;
    std::list<std::pair<RunOptions*, Cancellation>>::iterator entry_;
  };

 private:
  void watch();

  const Library& library_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::pair<RunOptions*, Cancellation>> runs_;
  bool asleep_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace slipway::backends::ort
