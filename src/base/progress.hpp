// How far a long piece of work is: written by whoever works, read by whoever shows it (the CLI's bar). Copies
// share what they say. Costs an atomic addition; thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace slipway {

class Progress {
 public:
  Progress() : shared_(std::make_shared<Shared>()) {}

  // A new stage ("reading the model") of `total` pieces; 0 when nobody knows how many.
  void begin(std::string stage, uint64_t total = 0) {
    const std::lock_guard lock(shared_->mutex);
    shared_->stage = std::move(stage);
    shared_->total.store(total, std::memory_order_relaxed);
    shared_->done.store(0, std::memory_order_relaxed);
  }
  void advance(uint64_t pieces = 1) { shared_->done.fetch_add(pieces, std::memory_order_relaxed); }

  std::string stage() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->stage;
  }
  uint64_t done() const { return shared_->done.load(std::memory_order_relaxed); }
  uint64_t total() const { return shared_->total.load(std::memory_order_relaxed); }

 private:
  struct Shared {
    std::mutex mutex;
    std::string stage;
    std::atomic<uint64_t> done{0};
    std::atomic<uint64_t> total{0};
  };
  std::shared_ptr<Shared> shared_;
};

}  // namespace slipway
