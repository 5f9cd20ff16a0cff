// A typed, shaped view of a buffer that it shares. Copying a Tensor copies the view, not the elements;
// buffers may be owned memory, part of a mapped file or a caller's memory, on any device.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/counted_allocator.hpp"
#include "base/memory_account.hpp"
#include "tensor/data_type.hpp"
#include "tensor/dim.hpp"

namespace slipway {

struct Device {
  enum class Kind : uint8_t { kCpu, kCuda };
  Kind kind = Kind::kCpu;
  int index = 0;
  friend bool operator==(const Device&, const Device&) = default;
};

// Bytes with an owner. Not copyable: share it by shared_ptr.
class Buffer {
 public:
  using Deleter = std::function<void(void*)>;

  // `data` stays valid until the deleter, if any, is called by the destructor.
  Buffer(void* data, size_t size, Device device, Deleter deleter, MemoryCharge charge = {});
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  // Uninitialised CPU memory, aligned to 64 bytes, charged to the thread's account. Throws kOutOfMemory.
  static std::shared_ptr<Buffer> allocate(size_t size);

  void* data() const { return data_; }
  size_t size() const { return size_; }
  Device device() const { return device_; }

 private:
  void* data_;
  size_t size_;
  Device device_;
  Deleter deleter_;
  MemoryCharge charge_;  // credited after the deleter
};

class Tensor {
 public:
  Tensor() = default;  // no type, no elements
  // Contiguous, uninitialised (strings: empty ones) CPU memory. Throws kOutOfMemory, kInvalidArgument.
  Tensor(DataType type, Dims dims);
  // A contiguous view from `offset` bytes on. Throws kInvalidArgument when the buffer is too small.
  Tensor(DataType type, Dims dims, std::shared_ptr<Buffer> buffer, size_t offset = 0);
  // A contiguous view of memory that the caller keeps alive.
  static Tensor borrow(DataType type, Dims dims, void* data, size_t size);

  template <typename T>
  static Tensor from(Dims dims, std::span<const T> values);
  template <typename T>
  static Tensor scalar(T value);

  DataType type() const { return type_; }
  const Dims& dims() const { return dims_; }
  int64_t dim(size_t axis) const { return dims_[axis]; }
  size_t rank() const { return dims_.size(); }
  int64_t count() const { return count_; }
  size_t bytes() const { return bytes_for(type_, count_); }
  bool empty() const { return count_ == 0; }
  bool defined() const { return type_ != DataType::kUndefined; }
  Device device() const { return buffer_ ? buffer_->device() : Device{}; }
  const std::shared_ptr<Buffer>& buffer() const { return buffer_; }

  // Strides in elements; row-major where nobody said otherwise.
  const Dims& strides() const { return strides_; }
  bool is_contiguous() const;
  // The same elements by other strides (for views such as transposes); the caller guarantees that they stay
  // inside the buffer.
  Tensor with_strides(Dims dims, Dims strides) const;

  const void* raw() const { return data_; }
  void* raw() { return data_; }
  std::span<const std::byte> raw_bytes() const { return {static_cast<const std::byte*>(data_), bytes()}; }

  // The elements of a contiguous tensor. Throws kInternal when T is not the element type.
  template <typename T>
  std::span<const T> data() const;
  template <typename T>
  std::span<T> data();

  // The same elements under other dimensions of the same count. Contiguous tensors only.
  Tensor reshaped(Dims dims) const;
  // A contiguous copy in memory of its own.
  Tensor clone() const;
  // Element by element, bit by bit: same type, dims and bytes.
  friend bool identical(const Tensor& a, const Tensor& b);

  // A bool in memory is 0 or 1, one in a file may be any byte. The same contiguous tensor, or a copy with 1
  // for other bytes than 0 where it holds such bools.
  Tensor with_valid_bools(Tensor tensor);

  // "f32[1,3,224,224]"
  std::string describe() const;

 private:
  void require_type(DataType type) const;

  DataType type_ = DataType::kUndefined;
  Dims dims_;
  int64_t count_ = 0;  // in front of the strides: what they multiply fits then
  Dims strides_;
  void* data_ = nullptr;
  std::shared_ptr<Buffer> buffer_;
};

bool identical(const Tensor& a, const Tensor& b);

// A bool in memory is 0 or 1, one in a file may be any byte. The same contiguous tensor, or a copy with 1 for
// other bytes than 0 where it holds such bools.
Tensor with_valid_bools(Tensor tensor);

// The sizes and strides, of a rank up to 4.
template <>
inline constexpr size_t kBytesElsewhere<Tensor> = 96;

}  // namespace slipway

#include "tensor/element.hpp"

namespace slipway {

template <typename T>
std::span<const T> Tensor::data() const {
  require_type(data_type_of<T>);
  return {static_cast<const T*>(data_), static_cast<size_t>(count_)};
}

template <typename T>
std::span<T> Tensor::data() {
  require_type(data_type_of<T>);
  return {static_cast<T*>(data_), static_cast<size_t>(count_)};
}

template <typename T>
Tensor Tensor::from(Dims dims, std::span<const T> values) {
  Tensor result(data_type_of<T>, std::move(dims));
  if (static_cast<size_t>(result.count()) != values.size())
    throw_count_mismatch(result.count(), values.size());
  auto out = result.data<T>();
  for (size_t i = 0; i < values.size(); ++i) out[i] = values[i];
  return result;
}

// Texts are kept as Text.
template <>
Tensor Tensor::from<std::string>(Dims dims, std::span<const std::string> values);

template <typename T>
Tensor Tensor::scalar(T value) {
  return from<T>({}, std::span<const T>(&value, 1));
}

}  // namespace slipway
