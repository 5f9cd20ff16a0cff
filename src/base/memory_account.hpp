// A limit on the memory that models take: whoever runs or loads one installs the model's account for the
// thread (MemoryScope), and what then allocates memory of a size that a model decides is charged to it until
// it is freed, by whichever thread. Where no account is installed, nothing is counted and nothing is limited.
// What is counted and what not: docs/design/memory_limit.md.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace slipway {

class MemoryAccount {
 public:
  // In bytes.
  explicit MemoryAccount(size_t limit) : limit_(limit) {}
  MemoryAccount(const MemoryAccount&) = delete;
  MemoryAccount& operator=(const MemoryAccount&) = delete;

  // Throws kOutOfMemory, with what is needed and what is left, when the limit does not allow it. Thread-safe.
  void charge(size_t bytes);
  void credit(size_t bytes) noexcept { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  size_t limit() const { return limit_; }
  size_t used() const { return used_.load(std::memory_order_relaxed); }
  size_t peak() const { return peak_.load(std::memory_order_relaxed); }

  // The account that this thread works for; nullptr: none. Valid as long as the scope that installed it.
  static const std::shared_ptr<MemoryAccount>* current() { return current_; }

 private:
  friend class MemoryScope;
  static inline thread_local const std::shared_ptr<MemoryAccount>* current_ = nullptr;

  const size_t limit_;
  std::atomic<size_t> used_{0};
  std::atomic<size_t> peak_{0};
};

// While it lives, its thread works for this account (nullptr: for none), and after it for the one before. The
// account it is given must outlive it.
class MemoryScope {
 public:
  explicit MemoryScope(const std::shared_ptr<MemoryAccount>& account)
      : MemoryScope(account ? &account : nullptr) {}
  explicit MemoryScope(const std::shared_ptr<MemoryAccount>* account)
      : outer_(std::exchange(MemoryAccount::current_, account)) {}
  ~MemoryScope() { MemoryAccount::current_ = outer_; }
  MemoryScope(const MemoryScope&) = delete;
  MemoryScope& operator=(const MemoryScope&) = delete;

 private:
  const std::shared_ptr<MemoryAccount>* outer_;
};

// Bytes that are charged as long as this object lives.
class MemoryCharge {
 public:
  MemoryCharge() = default;
  // To the thread's account, if it has one. Throws kOutOfMemory.
  explicit MemoryCharge(size_t bytes) {
    if (const auto* account = MemoryAccount::current()) take(*account, bytes);
  }
  MemoryCharge(MemoryCharge&& other) noexcept
      : account_(std::move(other.account_)), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryCharge& operator=(MemoryCharge&& other) noexcept {
    std::swap(account_, other.account_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MemoryCharge() {
    if (account_) account_->credit(bytes_);
  }

 private:
  void take(const std::shared_ptr<MemoryAccount>& account, size_t bytes) {
    account->charge(bytes);
    account_ = account;
    bytes_ = bytes;
  }

  std::shared_ptr<MemoryAccount> account_;
  size_t bytes_ = 0;
};

}  // namespace slipway
