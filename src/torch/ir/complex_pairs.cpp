#include "torch/ir/complex_pairs.hpp"

#include <utility>

namespace slipway::torch::ir {

bool is_complex(DataType type) {
  return type == DataType::kComplex64 || type == DataType::kComplex128;
}

DataType part_type(DataType complex) {
  return complex == DataType::kComplex64 ? DataType::kFloat : DataType::kDouble;
}

TensorMeta as_pairs(const TensorMeta& meta) {
  if (!is_complex(meta.type)) return meta;
  TensorMeta pairs;
  pairs.type = part_type(meta.type);
  pairs.sizes = meta.sizes;
  pairs.sizes.emplace_back(2);
  return pairs;
}

Tensor as_pairs(const Tensor& tensor) {
  if (!is_complex(tensor.type())) return tensor;
  Dims dims = tensor.dims();
  dims.push_back(2);
  const auto offset =
      static_cast<const std::byte*>(tensor.raw()) - static_cast<const std::byte*>(tensor.buffer()->data());
  return Tensor(part_type(tensor.type()), std::move(dims), tensor.buffer(), static_cast<size_t>(offset));
}

}  // namespace slipway::torch::ir
