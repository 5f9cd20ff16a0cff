#include "onnx/write_context.hpp"

namespace slipway {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kCacheLine = 64;

}  // namespace

uint64_t ExternalLayout::place(const Tensor& tensor) {
  const uint64_t alignment = tensor.bytes() >= kPage ? kPage : kCacheLine;
  const uint64_t offset = (end_ + alignment - 1) / alignment * alignment;
  tensors_.push_back({tensor, offset});
  end_ = offset + tensor.bytes();
  return offset;
}

}  // namespace slipway
