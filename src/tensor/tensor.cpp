#include "tensor/tensor.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/error.hpp"
#include "base/large_memory.hpp"
#include "base/out_of_memory.hpp"

namespace slipway {
namespace {

constexpr size_t kAlignment = 64;

// Of dimensions that element_count() takes.
Dims row_major_strides(const Dims& dims) {
  Dims strides(dims.size());
  int64_t stride = 1;
  for (size_t axis = dims.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= std::max<int64_t>(dims[axis], 1);
  }
  return strides;
}

// What a buffer of so many bytes takes: it, the object that owns it, and the sizes and strides of a tensor.
size_t charged_for(size_t bytes) {
  constexpr size_t kBookkeeping = 256;
  return bytes + kBookkeeping < bytes ? bytes : bytes + kBookkeeping;
}

std::shared_ptr<Buffer> allocate_strings(size_t count) {
  MemoryCharge charge(charged_for(count * sizeof(Text)));
  auto* strings = with_memory_errors([&] { return new Text[count]; });
  return std::make_shared<Buffer>(
      strings, count * sizeof(Text), Device{}, [strings](void*) { delete[] strings; }, std::move(charge));
}

// Copies element by element along arbitrary strides, the innermost axis in one loop.
template <typename Copy>
void for_each_element(const Tensor& tensor, Copy&& copy) {
  Dims index(tensor.rank(), 0);
  for (int64_t i = 0; i < tensor.count(); ++i) {
    int64_t offset = 0;
    for (size_t axis = 0; axis < tensor.rank(); ++axis) offset += index[axis] * tensor.strides()[axis];
    copy(i, offset);
    for (size_t axis = tensor.rank(); axis-- > 0;) {
      if (++index[axis] < tensor.dim(axis)) break;
      index[axis] = 0;
    }
  }
}

}  // namespace

Buffer::Buffer(void* data, size_t size, Device device, Deleter deleter, MemoryCharge charge)
    : data_(data), size_(size), device_(device), deleter_(std::move(deleter)), charge_(std::move(charge)) {}

Buffer::~Buffer() {
  if (deleter_) deleter_(data_);
}

std::shared_ptr<Buffer> Buffer::allocate(size_t size) {
  // An empty tensor still gets an address, so that nobody has to treat it apart.
  const size_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment + (size == 0 ? kAlignment : 0);
  MemoryCharge charge(charged_for(rounded < size ? size : rounded));
  const bool is_large = size >= kLargeMemory;
  void* data = nullptr;
  if (rounded >= size) data = is_large ? allocate_large(size) : std::aligned_alloc(kAlignment, rounded);
  if (!data) fail(ErrorCode::kOutOfMemory, "{} bytes of memory are not available", size);
  const auto release = [size, is_large](void* memory) {
    is_large ? free_large(memory, size) : std::free(memory);
  };
  return std::make_shared<Buffer>(data, size, Device{}, release, std::move(charge));
}

Tensor::Tensor(DataType type, Dims dims)
    : type_(type), dims_(std::move(dims)), count_(element_count(dims_)), strides_(row_major_strides(dims_)) {
  with_context([&] { return describe(); },
               [&] {
                 buffer_ = type == DataType::kString ? allocate_strings(static_cast<size_t>(count_))
                                                     : Buffer::allocate(bytes());
               });
  data_ = buffer_->data();
}

Tensor::Tensor(DataType type, Dims dims, std::shared_ptr<Buffer> buffer, size_t offset)
    : type_(type),
      dims_(std::move(dims)),
      count_(element_count(dims_)),
      strides_(row_major_strides(dims_)),
      buffer_(std::move(buffer)) {
  if (offset > buffer_->size() || bytes() > buffer_->size() - offset)
    fail(ErrorCode::kInvalidArgument, "{} needs {} bytes, but {} are there", describe(), bytes(),
         offset > buffer_->size() ? 0 : buffer_->size() - offset);
  data_ = static_cast<std::byte*>(buffer_->data()) + offset;
}

Tensor Tensor::borrow(DataType type, Dims dims, void* data, size_t size) {
  return Tensor(type, std::move(dims), std::make_shared<Buffer>(data, size, Device{}, nullptr));
}

bool Tensor::is_contiguous() const {
  int64_t expected = 1;
  for (size_t axis = rank(); axis-- > 0;) {
    if (dims_[axis] != 1 && strides_[axis] != expected) return count_ == 0;
    expected *= dims_[axis];
  }
  return true;
}

Tensor Tensor::with_strides(Dims dims, Dims strides) const {
  Tensor view = *this;
  view.count_ = element_count(dims);
  view.dims_ = std::move(dims);
  view.strides_ = std::move(strides);
  return view;
}

Tensor Tensor::reshaped(Dims dims) const {
  if (element_count(dims) != count_)
    fail(ErrorCode::kInvalidArgument, "{} cannot be reshaped to {}: the number of elements differs",
         describe(), to_string(dims));
  Tensor view = *this;
  view.strides_ = row_major_strides(dims);
  view.dims_ = std::move(dims);
  return view;
}

Tensor with_valid_bools(Tensor tensor) {
  const auto is_valid = [](std::byte byte) { return byte <= std::byte{1}; };
  if (tensor.type() != DataType::kBool || std::ranges::all_of(tensor.raw_bytes(), is_valid)) return tensor;
  Tensor copy = tensor.clone();
  auto* bools = static_cast<std::byte*>(copy.raw());
  std::transform(bools, bools + copy.bytes(), bools,
                 [](std::byte byte) { return std::min(byte, std::byte{1}); });
  return copy;
}

Tensor Tensor::clone() const {
  Tensor copy(type_, dims_);
  if (type_ == DataType::kString) {
    const auto* from = static_cast<const Text*>(data_);
    auto* to = static_cast<Text*>(copy.data_);
    for_each_element(*this, [&](int64_t i, int64_t offset) { to[i] = from[offset]; });
  } else if (is_contiguous()) {
    std::memcpy(copy.data_, data_, bytes());
  } else {
    const size_t width = static_cast<size_t>(bits_of(type_)) / 8;
    if (width == 0) fail(ErrorCode::kInternal, "a packed tensor cannot have strides");
    const auto* from = static_cast<const std::byte*>(data_);
    auto* to = static_cast<std::byte*>(copy.data_);
    for_each_element(*this, [&](int64_t i, int64_t offset) {
      std::memcpy(to + static_cast<size_t>(i) * width, from + offset * static_cast<int64_t>(width), width);
    });
  }
  return copy;
}

bool identical(const Tensor& a, const Tensor& b) {
  if (a.type_ != b.type_ || a.dims_ != b.dims_) return false;
  if (a.type_ == DataType::kString) {
    auto left = a.data<Text>(), right = b.data<Text>();
    return std::equal(left.begin(), left.end(), right.begin());
  }
  return a.bytes() == 0 || std::memcmp(a.data_, b.data_, a.bytes()) == 0;
}

std::string Tensor::describe() const {
  return std::string(name_of(type_)) + to_string(dims_);
}

void Tensor::require_type(DataType type) const {
  if (type != type_)
    fail(ErrorCode::kInternal, "{} was read as elements of type {}", describe(), name_of(type));
}

template <>
Tensor Tensor::from<std::string>(Dims dims, std::span<const std::string> values) {
  Tensor result(DataType::kString, std::move(dims));
  if (static_cast<size_t>(result.count()) != values.size())
    throw_count_mismatch(result.count(), values.size());
  std::copy(values.begin(), values.end(), result.data<Text>().begin());
  return result;
}

void throw_count_mismatch(int64_t expected, size_t got) {
  fail(ErrorCode::kInvalidArgument, "{} elements were expected, but {} are there", expected, got);
}

}  // namespace slipway
