#include "base/large_memory.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <vector>

#include "hostile/sanitized.hpp"

namespace slipway {
namespace {

TEST(LargeMemory, IsAlignedAndWhole) {
  for (size_t size : {kLargeMemory, kLargeMemory + 1, kLargeMemory * 5 / 2 + 123, kLargeMemory * 16}) {
    std::vector<unsigned char*> blocks;
    for (int i = 0; i < 5; ++i) {
      auto* const memory = static_cast<unsigned char*>(allocate_large(size));
      ASSERT_NE(memory, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u);
      std::memset(memory, i + 1, size);
      blocks.push_back(memory);
    }
    for (size_t i = 0; i < blocks.size(); ++i) {
      EXPECT_EQ(blocks[i][0], i + 1);
      EXPECT_EQ(blocks[i][size - 1], i + 1);
      free_large(blocks[i], size);
    }
  }
}

// Not where a sanitizer keeps what is freed.
#if !SLIPWAY_SANITIZED
// Megabytes of addresses that the process has.
size_t mapped_megabytes() {
  std::ifstream status("/proc/self/statm");
  size_t pages = 0;
  status >> pages;
  return pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE)) >> 20;
}

TEST(LargeMemory, GoesBackToTheSystem) {
  const size_t size = size_t{256} << 20, before = mapped_megabytes();
  void* const memory = allocate_large(size);
  ASSERT_NE(memory, nullptr);
  // Nothing of what was mapped for the alignment stays.
  EXPECT_LE(mapped_megabytes(), before + 257);
  free_large(memory, size);
  EXPECT_LE(mapped_megabytes(), before + 1);
}
#endif

}  // namespace
}  // namespace slipway
