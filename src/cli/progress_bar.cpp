#include "cli/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace slipway::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{1000};
constexpr std::chrono::milliseconds kInterval{100};
constexpr int kBarWidth = 30;
constexpr const char* kWipe = "\r\x1b[K";

void write_terminal(const std::string& text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

std::string draw(const Progress& progress, double seconds) {
  const uint64_t total = progress.total();
  if (total == 0) return fmt::format("{}{} … {:.0f} s", kWipe, progress.stage(), seconds);
  const uint64_t done = std::min(progress.done(), total);
  const int filled = static_cast<int>(kBarWidth * done / total);
  return fmt::format("{}{} [{:<{}}] {}/{} {:.0f} s", kWipe, progress.stage(),
                     std::string(static_cast<size_t>(filled), '='), kBarWidth, done, total, seconds);
}

}  // namespace

ProgressBar::ProgressBar(Progress progress) : progress_(std::move(progress)) {
  if (isatty(STDERR_FILENO)) thread_ = std::thread([this] { show(); });
}

ProgressBar::~ProgressBar() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ProgressBar::show() {
  const auto start = Clock::now();
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, kPatience, [&] { return ending_; })) return;
  do {
    write_terminal(draw(progress_, std::chrono::duration<double>(Clock::now() - start).count()));
  } while (!changed_.wait_for(lock, kInterval, [&] { return ending_; }));
  write_terminal(kWipe);
}

}  // namespace slipway::cli
