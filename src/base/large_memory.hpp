// Memory for large buffers, on huge pages where the system lends them to those who ask: loops over megabytes
// miss the TLB less, and what is written for the first time is faulted in by megabytes. Each buffer is a
// mapping of its own, as memory that an allocator has lent before keeps the small pages that it got then.
#pragma once

#include <cstddef>

namespace slipway {

// From this many bytes on; smaller ones would not fill a page.
inline constexpr size_t kLargeMemory = size_t{2} << 20;

// Uninitialised, aligned to 64 bytes at least; nullptr where there is not as much. For kLargeMemory bytes or
// more.
void* allocate_large(size_t size) noexcept;
// What allocate_large gave for this size.
void free_large(void* memory, size_t size) noexcept;

}  // namespace slipway
