#include "base/thread_pool.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace slipway {
namespace {

// Which pool's piece this thread is working on, and as which worker: nested loops run in place.
struct Position {
  const void* pool = nullptr;
  int worker = 0;
};
thread_local Position position;

// A worker that has just finished looks for the next loop this often before it sleeps: loops of one model
// follow each other within microseconds, and waking a thread costs more than that.
constexpr int kSpins = 2000;

inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

int available_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

struct ThreadPool::Shared {
  std::mutex caller;  // held by the one loop that runs
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable done;
  std::vector<std::thread> threads;
  std::atomic<uint64_t> generation{0};
  bool stopping = false;

  Piece piece = nullptr;
  void* callable = nullptr;
  size_t pieces = 0;
  std::atomic<size_t> next{0};
  int active = 0;
  std::exception_ptr error;

  void work(const void* pool, int worker) {
    const Position outer = position;
    position = {pool, worker};
    for (size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < pieces;) {
      try {
        piece(callable, i, worker);
      } catch (...) {
        next.store(pieces, std::memory_order_relaxed);
        std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
      }
    }
    position = outer;
  }

  void serve(const void* pool, int worker) {
    uint64_t seen = 0;
    for (;;) {
      for (int spin = 0; spin < kSpins && generation.load(std::memory_order_acquire) == seen; ++spin) relax();
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return stopping || generation.load(std::memory_order_relaxed) != seen; });
        if (stopping) return;
        seen = generation.load(std::memory_order_relaxed);
      }
      work(pool, worker);
      std::lock_guard lock(mutex);
      if (--active == 0) done.notify_one();
    }
  }
};

ThreadPool::ThreadPool(int threads)
    : size_(std::min(threads > 0 ? threads : available_processors(), kMaxThreads)), shared_(new Shared) {
  for (int worker = 1; worker < size_; ++worker)
    shared_->threads.emplace_back([this, worker] { shared_->serve(this, worker); });
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(shared_->mutex);
    shared_->stopping = true;
  }
  shared_->wake.notify_all();
  for (std::thread& thread : shared_->threads) thread.join();
}

void ThreadPool::run(size_t pieces, Piece piece, void* callable) {
  if (pieces == 0) return;
  if (position.pool == this || size_ == 1 || pieces == 1) {
    const int worker = position.pool == this ? position.worker : 0;
    for (size_t i = 0; i < pieces; ++i) piece(callable, i, worker);
    return;
  }
  Shared& shared = *shared_;
  std::lock_guard exclusive(shared.caller);
  {
    std::lock_guard lock(shared.mutex);
    shared.piece = piece;
    shared.callable = callable;
    shared.pieces = pieces;
    shared.next.store(0, std::memory_order_relaxed);
    shared.active = size_ - 1;
    shared.error = nullptr;
    shared.generation.fetch_add(1, std::memory_order_release);
  }
  shared.wake.notify_all();
  shared.work(this, 0);
  std::unique_lock lock(shared.mutex);
  shared.done.wait(lock, [&] { return shared.active == 0; });
  if (shared.error) std::rethrow_exception(shared.error);
}

}  // namespace slipway
