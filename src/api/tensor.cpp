#include "api/tensor.hpp"

#include <cstring>
#include <memory>

#include "api/element_type.hpp"
#include "api/status.hpp"

namespace slipway::api {
namespace {

// The address and the size that an element needs; packed types need whole bytes only.
size_t alignment_of(DataType type) {
  const bool has_two_parts = type == DataType::kComplex64 || type == DataType::kComplex128;
  const int bytes = bits_of(type) / (has_two_parts ? 16 : 8);
  return bytes > 0 ? static_cast<size_t>(bytes) : 1;
}

void check_memory(DataType type, const Dims& dims, const void* data, size_t size) {
  if (type == DataType::kString)
    fail(ErrorCode::kUnsupported,
         "memory of strings cannot be borrowed; slipway_tensor_create_strings copies them");
  const size_t needed = bytes_for(type, element_count(dims));
  if (size < needed)
    fail(ErrorCode::kInvalidArgument, "{}{} needs {} bytes, but 'size' is {}", name_of(type), to_string(dims),
         needed, size);
  if (needed > 0) not_null(static_cast<const std::byte*>(data), "data");
  const size_t alignment = alignment_of(type);
  if (reinterpret_cast<uintptr_t>(data) % alignment != 0)
    fail(ErrorCode::kInvalidArgument, "'data' of {} must lie at a multiple of {} bytes", name_of(type),
         alignment);
}

// The caller's deleter, called only once the tensor has been handed out: before, the memory is the caller's.
struct Release {
  slipway_deleter deleter;
  void* context;
  bool is_armed = false;
};

}  // namespace

Dims checked_dims(const int64_t* dims, size_t rank) {
  if (rank > SLIPWAY_MAX_RANK)
    fail(ErrorCode::kInvalidArgument, "a rank of {} was given; at most {} are possible", rank,
         static_cast<int>(SLIPWAY_MAX_RANK));
  const auto sizes = array(dims, rank, "dims");
  return Dims(sizes.begin(), sizes.end());
}

}  // namespace slipway::api

using namespace slipway;
using namespace slipway::api;

slipway_tensor::slipway_tensor(Tensor tensor) : content(std::move(tensor)) {
  const bool is_string = content.type() == DataType::kString;
  info.data = is_string ? nullptr : content.raw();
  info.dims = content.dims().data();
  info.size = is_string ? 0 : content.bytes();
  info.element_count = static_cast<size_t>(content.count());
  info.element_type = static_cast<slipway_element_type>(content.type());
  info.rank = static_cast<int32_t>(content.rank());
}

slipway_status slipway_tensor_create(slipway_element_type type, const int64_t* dims, size_t rank,
                                     slipway_tensor** tensor) {
  return guarded([&] {
    auto& out = not_null(tensor, "tensor");
    Tensor content(checked_data_type(type), checked_dims(dims, rank));
    if (content.type() != DataType::kString) std::memset(content.raw(), 0, content.bytes());
    out = new slipway_tensor(std::move(content));
  });
}

slipway_status slipway_tensor_borrow(slipway_element_type type, const int64_t* dims, size_t rank, void* data,
                                     size_t size, slipway_deleter deleter, void* context,
                                     slipway_tensor** tensor) {
  return guarded([&] {
    auto& out = not_null(tensor, "tensor");
    const DataType element = checked_data_type(type);
    Dims sizes = checked_dims(dims, rank);
    check_memory(element, sizes, data, size);
    const auto release = std::make_shared<Release>(Release{deleter, context});
    auto buffer = std::make_shared<Buffer>(data, size, Device{}, [release](void* memory) {
      if (release->is_armed) release->deleter(memory, release->context);
    });
    out = new slipway_tensor(Tensor(element, std::move(sizes), std::move(buffer)));
    release->is_armed = deleter != nullptr;
  });
}

slipway_status slipway_tensor_describe(const slipway_tensor* tensor, const slipway_tensor_info** info) {
  return guarded([&] { not_null(info, "info") = &handle(tensor, "tensor").info; });
}

void slipway_tensor_free(slipway_tensor* tensor) {
  delete tensor;
}
