// A fixed set of threads for loops over independent pieces of work. The caller takes part, so a pool of one
// thread has no thread of its own. How the pieces fall on threads never decides a result: pieces are
// numbered, and what a piece does depends on its number alone.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace slipway {

class ThreadPool {
 public:
  // `threads` ≤ 0: the processors that this process may use. At most kMaxThreads.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  static constexpr int kMaxThreads = 256;
  int size() const { return size_; }

  // Calls body(piece, worker) once for each piece in [0, pieces), 0 ≤ worker < size(); no two calls at the
  // same time have the same worker. Returns when all are done. The first exception stops pieces that have not
  // begun and is thrown here. Several callers may use one pool, one after the other; a call from within a
  // body runs its pieces in place, by the calling worker. Workers work for the caller's memory account.
  template <typename Body>
  void parallel_for(size_t pieces, Body&& body) {
    using Callable = std::remove_reference_t<Body>;
    run(
        pieces,
        [](void* callable, size_t piece, int worker) { (*static_cast<Callable*>(callable))(piece, worker); },
        const_cast<void*>(static_cast<const void*>(&body)));
  }

 private:
  using Piece = void (*)(void* callable, size_t piece, int worker);
  void run(size_t pieces, Piece piece, void* callable);

  struct Shared;
  int size_;
  std::unique_ptr<Shared> shared_;
};

// Processors that this process may use (its affinity mask), at least 1.
int available_processors();

}  // namespace slipway
