// What a program does with the tensors of a file that somebody sent: it reads their elements.
#pragma once

#include "tensor/tensor.hpp"

namespace slipway::hostile {

// Up to so many in all: views may repeat their memory without end, which is no fault of the file's reader.
class ElementReader {
 public:
  void read(const Tensor& tensor) {
    if (!tensor.defined() || tensor.count() > left_) return;
    left_ -= tensor.count();
    static_cast<void>(tensor.clone());
  }

 private:
  int64_t left_ = int64_t{1} << 22;
};

}  // namespace slipway::hostile
