#include "backends/onnxruntime/terminate_watch.hpp"

#include <chrono>

namespace slipway::backends::ort {

// Short for a person who waits, long enough to cost nothing.
static constexpr std::chrono::milliseconds kInterval{20};

TerminateWatch::TerminateWatch(const Library& library) : library_(library), thread_([this] { watch(); }) {}

TerminateWatch::~TerminateWatch() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

TerminateWatch::Guard::Guard(TerminateWatch& watch, RunOptions* options, const Cancellation& cancellation)
    : watch_(watch) {
  const std::lock_guard lock(watch_.mutex_);
  entry_ = watch_.runs_.emplace(watch_.runs_.end(), options, cancellation);
  // Runs that follow each other closely find the thread between two looks and need not wake it.
  if (watch_.asleep_) watch_.changed_.notify_one();
}

TerminateWatch::Guard::~Guard() {
  const std::lock_guard lock(watch_.mutex_);
  watch_.runs_.erase(entry_);
}

void TerminateWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    asleep_ = true;
    changed_.wait(lock, [&] { return ending_ || !runs_.empty(); });
    asleep_ = false;
    changed_.wait_for(lock, kInterval, [&] { return ending_; });
    for (const auto& [options, cancellation] : runs_)
      if (cancellation.requested())
        library_.api().release_status(library_.api().run_options_set_terminate(options));
  }
}

}  // namespace slipway::backends::ort
