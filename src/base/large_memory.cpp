#include "base/large_memory.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

// AddressSanitizer watches the ends of what the allocator lends, not of mappings.
#if defined(__SANITIZE_ADDRESS__)
#define SLIPWAY_WATCHED_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLIPWAY_WATCHED_MEMORY 1
#endif
#endif

namespace slipway {

#ifdef SLIPWAY_WATCHED_MEMORY
void* allocate_large(size_t size) noexcept {
  constexpr size_t kAlignment = 64;
  return std::aligned_alloc(kAlignment, (size + kAlignment - 1) / kAlignment * kAlignment);
}

void free_large(void* memory, size_t) noexcept {
  std::free(memory);
}
#else
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
// A multiple of the size of small pages on every machine.
constexpr size_t kGranule = size_t{64} << 10;

size_t rounded(size_t size) {
  return (size + kGranule - 1) / kGranule * kGranule;
}

}  // namespace

void* allocate_large(size_t size) noexcept {
  const size_t wanted = rounded(size), mapped = wanted + kHugePage;
  if (wanted < size || mapped < wanted) return nullptr;
  void* const map = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) return nullptr;
  // What lies before the first whole huge page and behind the buffer goes back.
  auto* const begin = static_cast<std::byte*>(map);
  const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(map) % kHugePage) % kHugePage;
  if (before > 0) (void)::munmap(begin, before);
  if (kHugePage > before) (void)::munmap(begin + before + wanted, kHugePage - before);
  (void)::madvise(begin + before, wanted / kHugePage * kHugePage, MADV_HUGEPAGE);
  return begin + before;
}

void free_large(void* memory, size_t size) noexcept {
  (void)::munmap(memory, rounded(size));
}
#endif

}  // namespace slipway
