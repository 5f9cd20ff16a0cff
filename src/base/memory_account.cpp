#include "base/memory_account.hpp"

#include "base/byte_size.hpp"
#include "base/error.hpp"

namespace slipway {

void MemoryAccount::charge(size_t bytes) {
  size_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_ || used > limit_ - bytes)
      fail(ErrorCode::kOutOfMemory,
           "{} are needed, but of the memory limit of {} only {} are left: raise the limit (--max-memory, "
           "max_memory) or give smaller inputs",
           byte_size_text(bytes), byte_size_text(limit_), byte_size_text(limit_ - used));
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  used += bytes;
  size_t peak = peak_.load(std::memory_order_relaxed);
  while (peak < used && !peak_.compare_exchange_weak(peak, used, std::memory_order_relaxed)) {
  }
}

}  // namespace slipway
