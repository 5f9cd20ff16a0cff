// Places buffers that live at different times in one arena.
#pragma once

#include <cstddef>
#include <vector>

namespace slipway::engine {

// A buffer that is written first in step `first` and read last in step `last`.
struct Lifetime {
  size_t first = 0;
  size_t last = 0;
  size_t bytes = 0;
};

struct Placement {
  std::vector<size_t> offsets;  // of each buffer, aligned to kArenaAlignment
  size_t bytes = 0;             // of the arena
};

inline constexpr size_t kArenaAlignment = 64;

// Buffers whose lifetimes overlap do not overlap in the arena. First fit in order of `first`, which must not
// decrease; deterministic. Time grows with buffers × buffers alive at once.
Placement place_buffers(const std::vector<Lifetime>& lifetimes);

}  // namespace slipway::engine
