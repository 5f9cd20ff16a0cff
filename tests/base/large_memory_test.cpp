#include "base/large_memory.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
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

// What the kernel notes of the mapping that holds `address`; nothing where it does not tell.
std::string flags_of_mapping(const void* address) {
  std::ifstream mappings("/proc/self/smaps");
  const auto place = reinterpret_cast<uintptr_t>(address);
  const std::string flags = "VmFlags:";
  bool is_there = false;
  for (std::string line; std::getline(mappings, line);) {
    uintptr_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " ", &begin, &end) == 2)
      is_there = begin <= place && place < end;
    if (is_there && line.starts_with(flags)) return line.substr(flags.size()) + " ";
  }
  return "";
}

TEST(LargeMemory, AsksForHugePages) {
  if (!std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled")) GTEST_SKIP() << "the kernel has none";
  const size_t size = kLargeMemory * 4;
  void* const memory = allocate_large(size);
  ASSERT_NE(memory, nullptr);
  const std::string flags = flags_of_mapping(memory);
  free_large(memory, size);
  if (flags.empty()) GTEST_SKIP() << "the kernel does not tell";
  EXPECT_NE(flags.find(" hg "), std::string::npos) << flags;
}
#endif

}  // namespace
}  // namespace slipway
