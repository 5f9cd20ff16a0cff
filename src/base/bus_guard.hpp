// Keeps a process alive when a file shrinks (or its disk fails) under a mapping. Reading such a page raises
// SIGBUS; for an address inside a guarded region the handler puts zeros in the place of the page and of all
// that follow it in the region, and marks the region as damaged. Every other SIGBUS goes to the handler that
// was there before.
#pragma once

#include <cstddef>

namespace slipway {

// Guards [begin, begin + size), a page-aligned mapping, for as long as it lives. The handler is in place
// while there is any guard, and the earlier one comes back after the last, so that a library that uses this
// can be unloaded. Creation and destruction are thread-safe.
class BusGuard {
 public:
  BusGuard(const void* begin, size_t size);
  ~BusGuard();
  BusGuard(const BusGuard&) = delete;
  BusGuard& operator=(const BusGuard&) = delete;

  // Whether a page of the region was replaced by zeros. Read after the data, it says whether they were real.
  bool damaged() const;

  struct Slot;

 private:
  Slot* slot_;
};

}  // namespace slipway
