#include "base/thread_pool.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/memory_account.hpp"

namespace slipway {
namespace {

// Which pool's piece this thread is working on, and as which worker: nested loops run in place.
struct Position {
  const void* pool = nullptr;
  int worker = 0;
};
thread_local Position position;

// A thread that has nothing to do looks this often for what it waits for before it sleeps: loops of one model
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

// One loop at a time is open to the workers. `state` says which one, whether it is still open, and how many
// workers are inside: a worker enters by counting itself in, and the caller, when no piece is left, closes
// the loop and waits only for those that came in. So nobody waits for a thread that wakes too late to be of
// use.
//
// Every worker begins with a range of pieces of its own and then helps the others with theirs. Neighbouring
// pieces are mostly neighbours in memory: workers that took them in turns would fetch each other's cache
// lines, and of the next loop's pieces each would find the half in its cache that it has not made.
struct ThreadPool::Shared {
  struct alignas(64) Range {
    std::atomic<size_t> next{0};
    size_t end = 0;
  };
  static constexpr uint64_t kInside = 0xFFFF, kOpen = 0x10000, kNextLoop = 0x20000;

  std::mutex caller;  // held by the one loop that runs
  std::atomic<uint64_t> state{0};
  std::vector<std::thread> threads;

  // For those who have looked long enough. Who sleeps says so before it looks a last time, who changes
  // `state` looks for sleepers afterwards: one of the two sees the other.
  std::mutex mutex;
  std::condition_variable wake, done;
  std::atomic<int> sleepers{0};
  std::atomic<bool> caller_sleeps{false};
  std::atomic<bool> stopping{false};

  // Of the open loop.
  Piece piece = nullptr;
  void* callable = nullptr;
  const std::shared_ptr<MemoryAccount>* account = nullptr;  // that the caller works for
  std::vector<Range> ranges;                                // one a worker
  std::exception_ptr error;

  explicit Shared(size_t workers) : ranges(workers) {}

  void work(const void* pool, int worker) {
    const Position outer = position;
    position = {pool, worker};
    const MemoryScope scope(account);
    for (size_t i = 0; i < ranges.size(); ++i) {
      Range& range = ranges[(static_cast<size_t>(worker) + i) % ranges.size()];
      for (size_t next; (next = range.next.fetch_add(1, std::memory_order_relaxed)) < range.end;)
        run_piece(next, worker);
    }
    position = outer;
  }

  void run_piece(size_t index, int worker) {
    try {
      piece(callable, index, worker);
    } catch (...) {
      for (Range& range : ranges) range.next.store(range.end, std::memory_order_relaxed);
      std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
    }
  }

  // Waits until `ready`, which looks at `state`: first looking again and again, then asleep.
  template <typename Ready, typename Sleep>
  static void await(Ready ready, Sleep sleep) {
    for (int spin = 0; spin < kSpins; ++spin) {
      if (ready()) return;
      relax();
    }
    sleep();
  }

  void serve(const void* pool, int worker) {
    uint64_t seen = 0;
    const auto is_new = [&] { return stopping || state / kNextLoop != seen; };
    for (;;) {
      await(is_new, [&] {
        std::unique_lock lock(mutex);
        ++sleepers;
        wake.wait(lock, is_new);
        --sleepers;
      });
      if (stopping) return;
      uint64_t now = state;
      while ((now & kOpen) && !state.compare_exchange_weak(now, now + 1)) relax();
      seen = now / kNextLoop;
      if (!(now & kOpen)) continue;
      work(pool, worker);
      state.fetch_sub(1);
      if (!caller_sleeps) continue;
      std::lock_guard lock(mutex);
      done.notify_one();
    }
  }

  void open(size_t pieces) {
    for (size_t i = 0; i < ranges.size(); ++i) {
      ranges[i].next.store(pieces * i / ranges.size(), std::memory_order_relaxed);
      ranges[i].end = pieces * (i + 1) / ranges.size();
    }
    error = nullptr;
    state = (state / kNextLoop + 1) * kNextLoop + kOpen;
    if (sleepers == 0) return;
    std::lock_guard lock(mutex);
    wake.notify_all();
  }

  void close() {
    state.fetch_and(~kOpen);
    const auto is_empty = [&] { return (state & kInside) == 0; };
    await(is_empty, [&] {
      std::unique_lock lock(mutex);
      caller_sleeps = true;
      done.wait(lock, is_empty);
      caller_sleeps = false;
    });
  }
};

ThreadPool::ThreadPool(int threads)
    : size_(std::min(threads > 0 ? threads : available_processors(), kMaxThreads)),
      shared_(std::make_unique<Shared>(static_cast<size_t>(size_))) {
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
  shared.piece = piece;
  shared.callable = callable;
  shared.account = MemoryAccount::current();
  shared.open(pieces);
  shared.work(this, 0);
  shared.close();
  if (shared.error) std::rethrow_exception(shared.error);
}

}  // namespace slipway
