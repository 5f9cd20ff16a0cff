#include "torch/storage_view.hpp"

#include "base/error.hpp"

namespace slipway::torch {
namespace {

// The elements that a view reaches, counted from its own first; throws when a size or stride is impossible.
int64_t extent_of(const Dims& sizes, const Dims& strides) {
  check_tensor_rank(sizes.size());
  if (sizes.size() != strides.size())
    fail(ErrorCode::kInvalidModel, "it has {} sizes and {} strides", sizes.size(), strides.size());
  int64_t extent = 1;
  for (size_t axis = 0; axis < sizes.size(); ++axis) {
    if (sizes[axis] < 0 || strides[axis] < 0)
      fail(ErrorCode::kInvalidModel, "sizes {} and strides {} cannot be", to_string(sizes),
           to_string(strides));
    if (sizes[axis] == 0) return 0;
    int64_t step = 0;
    if (__builtin_mul_overflow(sizes[axis] - 1, strides[axis], &step) ||
        __builtin_add_overflow(extent, step, &extent))
      fail(ErrorCode::kInvalidModel, "sizes {} and strides {} reach outside of any storage", to_string(sizes),
           to_string(strides));
  }
  return extent;
}

}  // namespace

Tensor view_of(const std::shared_ptr<Buffer>& storage, DataType type, int64_t offset, const Dims& sizes,
               const Dims& strides) {
  const size_t element = bytes_for(type, 1);
  const int64_t extent = extent_of(sizes, strides);
  const auto available = static_cast<int64_t>(storage->size() / element);
  if (offset < 0 || offset > available || extent > available - offset)
    fail(ErrorCode::kInvalidModel, "{} elements from {} on are outside of a storage of {}", extent, offset,
         available);
  const size_t begin = static_cast<size_t>(offset) * element;
  // A view that stands still along an axis (expand) has more elements than the storage.
  const Tensor line = with_valid_bools(Tensor(type, {extent}, storage, begin));
  return line.with_strides(sizes, strides);
}

Tensor ContiguousCopies::of(const Tensor& tensor) {
  if (tensor.is_contiguous()) return tensor;
  if (const size_t held = tensor.buffer()->size(); tensor.bytes() > held) repeated_ += tensor.bytes() - held;
  if (repeated_ > kMostRepeatedBytes)
    fail(ErrorCode::kOutOfMemory, "views that repeat their memory would take more than {} MB",
         kMostRepeatedBytes >> 20);
  return tensor.clone();
}

}  // namespace slipway::torch
