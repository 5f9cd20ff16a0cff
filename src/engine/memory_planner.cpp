#include "engine/memory_planner.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace slipway::engine {
namespace {

struct Occupied {
  size_t begin;
  size_t end;
  size_t last;
};

size_t align(size_t bytes) {
  const size_t aligned = (bytes + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment;
  if (aligned < bytes) fail(ErrorCode::kOutOfMemory, "a buffer of {} bytes is too large", bytes);
  return aligned;
}

}  // namespace

Placement place_buffers(const std::vector<Lifetime>& lifetimes) {
  Placement placement;
  std::vector<Occupied> alive;  // by begin
  for (const Lifetime& buffer : lifetimes) {
    std::erase_if(alive, [&](const Occupied& other) { return other.last < buffer.first; });
    const size_t bytes = std::max(align(buffer.bytes), kArenaAlignment);
    size_t offset = 0;
    auto place = alive.begin();
    for (; place != alive.end() && place->begin - offset < bytes; ++place) offset = place->end;
    alive.insert(place, {offset, offset + bytes, buffer.last});
    if (offset + bytes < offset)
      fail(ErrorCode::kOutOfMemory, "the buffers of the model do not fit into memory");
    placement.offsets.push_back(offset);
    placement.bytes = std::max(placement.bytes, offset + bytes);
  }
  return placement;
}

}  // namespace slipway::engine
