#include "ops/element_mover.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "tensor/packed.hpp"

namespace slipway::ops {

ElementMover::ElementMover(const Tensor& from, Tensor& to)
    : type_(from.type()),
      width_(static_cast<size_t>(bits_of(from.type())) / 8),
      from_(from.raw()),
      to_(to.raw()) {
  if (from.type() != to.type())
    fail(ErrorCode::kInternal, "elements of {} cannot be moved to {}", from.describe(), to.describe());
}

void ElementMover::move(int64_t source, int64_t target, int64_t count) const {
  if (width_ > 0) {
    std::memcpy(static_cast<std::byte*>(to_) + static_cast<size_t>(target) * width_,
                static_cast<const std::byte*>(from_) + static_cast<size_t>(source) * width_,
                static_cast<size_t>(count) * width_);
  } else if (type_ == DataType::kString) {
    std::copy_n(static_cast<const Text*>(from_) + source, count, static_cast<Text*>(to_) + target);
  } else {
    for (int64_t i = 0; i < count; ++i)
      write_packed(type_, to_, target + i, read_packed(type_, from_, source + i));
  }
}

void ElementMover::fill(int64_t source, int64_t target, int64_t count) const {
  for (int64_t i = 0; i < count; ++i) move(source, target + i, 1);
}

void clear_elements(Tensor& tensor) {
  if (tensor.type() == DataType::kString)
    std::fill_n(static_cast<Text*>(tensor.raw()), tensor.count(), Text());
  else
    std::fill_n(static_cast<std::byte*>(tensor.raw()), tensor.bytes(), std::byte{0});
}

}  // namespace slipway::ops
