#include "base/counted_allocator.hpp"

#include <new>

#include "base/memory_account.hpp"

namespace slipway {
namespace {

// Stands in front of the memory: who frees it may be another thread, which works for another account.
using Owner = std::shared_ptr<MemoryAccount>;
constexpr size_t kHeader = alignof(std::max_align_t);
static_assert(sizeof(Owner) <= kHeader && alignof(Owner) <= kHeader);

}  // namespace

void* allocate_counted(size_t bytes) {
  const auto* account = MemoryAccount::current();
  if (account) (*account)->charge(bytes + kHeader);
  void* memory = bytes + kHeader < bytes ? nullptr : ::operator new(bytes + kHeader, std::nothrow);
  if (!memory) {
    if (account) (*account)->credit(bytes + kHeader);
    throw std::bad_alloc();
  }
  new (memory) Owner(account ? *account : nullptr);
  return static_cast<std::byte*>(memory) + kHeader;
}

void free_counted(void* memory, size_t bytes) noexcept {
  void* begin = static_cast<std::byte*>(memory) - kHeader;
  Owner* owner = std::launder(static_cast<Owner*>(begin));
  if (*owner) (*owner)->credit(bytes + kHeader);
  owner->~Owner();
  ::operator delete(begin);
}

}  // namespace slipway
