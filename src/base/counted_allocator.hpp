// Containers whose memory is charged to the account of the thread that lets them grow (memory_account.hpp):
// for what kernels and readers keep in amounts that a model decides. They are used like the standard's.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// Memory, aligned for any scalar, that remembers whom it was charged to. Throw kOutOfMemory, std::bad_alloc.
void* allocate_counted(size_t bytes);
// `bytes` as it was allocated with.
void free_counted(void* memory, size_t bytes) noexcept;

// Bytes that an element keeps elsewhere, without an allocator that counts them.
template <typename T>
inline constexpr size_t kBytesElsewhere = 0;

template <typename T>
class CountedAllocator {
 public:
  using value_type = T;
  CountedAllocator() = default;
  template <typename Other>
  CountedAllocator(const CountedAllocator<Other>&) {}  // NOLINT: as allocators are converted

  T* allocate(size_t count) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    return static_cast<T*>(allocate_counted(bytes_of(count)));
  }
  void deallocate(T* memory, size_t count) noexcept {
    free_counted(static_cast<void*>(memory), bytes_of(count));
  }
  friend bool operator==(const CountedAllocator&, const CountedAllocator&) { return true; }

 private:
  // Containers refuse a count beyond PTRDIFF_MAX / sizeof(T) themselves.
  static size_t bytes_of(size_t count) { return count * (sizeof(T) + kBytesElsewhere<T>); }
};

template <typename T>
using CountedVector = std::vector<T, CountedAllocator<T>>;
template <typename Key, typename Value>
using CountedMap = std::map<Key, Value, std::less<Key>, CountedAllocator<std::pair<const Key, Value>>>;

// A string that is an element of a tensor. It converts to std::string_view as std::string does, and from one
// and to a std::string when asked.
using Text = std::basic_string<char, std::char_traits<char>, CountedAllocator<char>>;

inline bool operator==(const Text& a, const std::string& b) {
  return std::string_view(a) == std::string_view(b);
}

}  // namespace slipway
