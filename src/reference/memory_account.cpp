#include "reference/memory_account.hpp"

#include "base/error.hpp"

namespace slipway::reference {

Tensor MemoryAccount::allocate(DataType type, Dims dims) {
  if (limit_ == 0) return Tensor(type, std::move(dims));
  const size_t bytes = bytes_for(type, element_count(dims));
  const size_t used = used_->load();
  if (bytes > limit_ || used > limit_ - bytes)
    fail(ErrorCode::kOutOfMemory, "{}{} needs {} bytes, but {} of the limit of {} are in use", name_of(type),
         to_string(dims), bytes, used, limit_);
  // Strings are objects: only the tensor itself knows how to make them.
  if (type == DataType::kString) return Tensor(type, std::move(dims));
  auto memory = Buffer::allocate(bytes);
  *used_ += bytes;
  auto counted = std::make_shared<Buffer>(memory->data(), bytes, Device{},
                                          [memory, counter = used_, bytes](void*) { *counter -= bytes; });
  return Tensor(type, std::move(dims), std::move(counted));
}

}  // namespace slipway::reference
