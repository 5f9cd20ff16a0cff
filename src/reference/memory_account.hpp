// Counts the bytes of the tensors that a run has made and that are still alive.
#pragma once

#include <atomic>
#include <memory>

#include "tensor/tensor.hpp"

namespace slipway::reference {

class MemoryAccount {
 public:
  // `limit` in bytes; 0: none.
  explicit MemoryAccount(size_t limit) : limit_(limit), used_(std::make_shared<std::atomic<size_t>>(0)) {}

  // A contiguous, uninitialised tensor that counts until its last view is gone, after this account's end too.
  // Throws kOutOfMemory when the limit does not allow it.
  Tensor allocate(DataType type, Dims dims);

 private:
  size_t limit_;
  std::shared_ptr<std::atomic<size_t>> used_;
};

}  // namespace slipway::reference
