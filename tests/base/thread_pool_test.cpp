#include "base/thread_pool.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace slipway {
namespace {

TEST(ThreadPool, RunsEveryPieceOnceOnWorkersOfThePool) {
  for (int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    std::vector<std::atomic<int>> runs(1000);
    std::atomic<bool> inside{true};
    pool.parallel_for(runs.size(), [&](size_t piece, int worker) {
      runs[piece]++;
      if (worker < 0 || worker >= pool.size()) inside = false;
    });
    EXPECT_TRUE(inside);
    for (const auto& count : runs) EXPECT_EQ(count, 1);
  }
}

// Loops so short that workers come too late for many of them, fall asleep and wake up.
TEST(ThreadPool, LosesNoPieceOfShortLoops) {
  ThreadPool pool(5);
  for (size_t loop = 0; loop < 5000; ++loop) {
    if (loop % 500 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(3));
    std::array<std::atomic<int>, 13> runs{};
    const size_t pieces = loop % (runs.size() + 1);
    pool.parallel_for(pieces, [&](size_t piece, int) { runs[piece]++; });
    for (size_t i = 0; i < runs.size(); ++i) ASSERT_EQ(runs[i], i < pieces ? 1 : 0) << "loop " << loop;
  }
}

TEST(ThreadPool, NoTwoPiecesShareAWorkerAtTheSameTime) {
  ThreadPool pool(4);
  std::vector<std::atomic<int>> busy(4);
  std::atomic<bool> shared{false};
  pool.parallel_for(400, [&](size_t, int worker) {
    if (busy[static_cast<size_t>(worker)]++ != 0) shared = true;
    std::this_thread::yield();
    busy[static_cast<size_t>(worker)]--;
  });
  EXPECT_FALSE(shared);
}

TEST(ThreadPool, ThrowsTheFirstExceptionAndStaysUsable) {
  ThreadPool pool(3);
  EXPECT_THROW(pool.parallel_for(100,
                                 [](size_t piece, int) {
                                   if (piece == 7) throw std::runtime_error("seven");
                                 }),
               std::runtime_error);
  std::atomic<int> sum{0};
  pool.parallel_for(10, [&](size_t piece, int) { sum += static_cast<int>(piece); });
  EXPECT_EQ(sum, 45);
}

TEST(ThreadPool, NestedLoopsRunInPlace) {
  ThreadPool pool(2);
  std::atomic<int> inner{0};
  pool.parallel_for(8, [&](size_t, int worker) {
    pool.parallel_for(8, [&](size_t, int nested) {
      EXPECT_EQ(nested, worker);
      inner++;
    });
  });
  EXPECT_EQ(inner, 64);
}

TEST(ThreadPool, ServesSeveralCallers) {
  ThreadPool pool(2);
  std::atomic<int> runs{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&] {
      for (int loop = 0; loop < 100; ++loop) pool.parallel_for(5, [&](size_t, int) { runs++; });
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(runs, 2000);
}

}  // namespace
}  // namespace slipway
