// What one act of writing shares on the way down.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "onnx/write_model.hpp"
#include "tensor/tensor.hpp"

namespace slipway {

// The tensors of an external data file and where in it they will lie.
class ExternalLayout {
 public:
  struct Placed {
    Tensor tensor;
    uint64_t offset;
  };

  explicit ExternalLayout(std::string file) : file_(std::move(file)) {}

  const std::string& file() const { return file_; }
  const std::vector<Placed>& tensors() const { return tensors_; }
  // Gives the tensor a place and returns its offset: aligned for mapping, small ones for vector loads.
  uint64_t place(const Tensor& tensor);

 private:
  std::string file_;
  std::vector<Placed> tensors_;
  uint64_t end_ = 0;
};

struct WriteContext {
  WriteOptions options;
  ExternalLayout* external = nullptr;  // nullptr: weights stay in the message
  int64_t ir_version = 0;
};

}  // namespace slipway
