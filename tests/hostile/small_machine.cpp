// Under AddressSanitizer, memory as on a small machine. Part of every program that runs hostile cases.
#include <cstdlib>
#include <new>

#include "hostile/sanitized.hpp"

// No single allocation above the limit, no memory kept after it was freed; what is refused is a
// std::bad_alloc or a null pointer, as on a small machine.
extern "C" const char* __asan_default_options();
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
  return "max_allocation_size_mb=1024:allocator_may_return_null=1:quarantine_size_mb=16";
}

#if SLIPWAY_SANITIZED
// AddressSanitizer's own operator new ends the program where the standard's throws.
void* operator new(size_t size) {
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new[](size_t size) {
  return operator new(size);
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size > 0 ? size : 1);
}
void* operator new[](size_t size, const std::nothrow_t& nothrow) noexcept {
  return operator new(size, nothrow);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  std::free(memory);
}
#endif
