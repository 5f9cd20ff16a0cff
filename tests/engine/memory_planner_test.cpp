#include "engine/memory_planner.hpp"

#include <gtest/gtest.h>

#include <random>

namespace slipway::engine {
namespace {

TEST(MemoryPlanner, ReusesMemoryOfTheDead) {
  // a feeds b feeds c: c takes a's place.
  const Placement placement = place_buffers({{0, 1, 1024}, {1, 2, 1024}, {2, 3, 1024}});
  EXPECT_EQ(placement.offsets[0], placement.offsets[2]);
  EXPECT_EQ(placement.bytes, 2048u);
}

TEST(MemoryPlanner, BuffersAliveTogetherNeverOverlap) {
  std::mt19937 random(20);
  for (int round = 0; round < 200; ++round) {
    std::vector<Lifetime> lifetimes;
    for (size_t step = 0; step < 60; ++step)
      lifetimes.push_back({step, step + random() % 9, random() % 5000});
    const Placement placement = place_buffers(lifetimes);
    for (size_t i = 0; i < lifetimes.size(); ++i) {
      EXPECT_EQ(placement.offsets[i] % kArenaAlignment, 0u);
      EXPECT_LE(placement.offsets[i] + lifetimes[i].bytes, placement.bytes);
      for (size_t j = 0; j < i; ++j) {
        if (lifetimes[j].last < lifetimes[i].first) continue;
        const bool apart = placement.offsets[i] + lifetimes[i].bytes <= placement.offsets[j] ||
                           placement.offsets[j] + lifetimes[j].bytes <= placement.offsets[i];
        EXPECT_TRUE(apart) << i << " and " << j << " in round " << round;
      }
    }
  }
}

}  // namespace
}  // namespace slipway::engine
