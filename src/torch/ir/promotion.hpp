// The element types that PyTorch computes in when operands have several.
#pragma once

#include <optional>

#include "torch/ir/block.hpp"

namespace slipway::torch::ir {

// torch.promote_types.
DataType promote(DataType a, DataType b);

// torch.result_type of tensors and Python's numbers: tensors with axes come before those without, and these
// before numbers, as long as they are of the same kind (bool, integer, real, complex).
class ResultType {
 public:
  void add(const TensorMeta& tensor);
  void add_number(DataType kind);  // kBool, kInt64, kFloat or kComplex64
  DataType type() const;

 private:
  DataType with_axes_ = DataType::kUndefined, without_axes_ = DataType::kUndefined,
           numbers_ = DataType::kUndefined;
};

// Of an elementwise in-place call, or one with an argument `out`, before it is cast to what it is written to;
// nullopt where it is no operator whose operands are promoted.
std::optional<DataType> result_type_of(const Call& call);

}  // namespace slipway::torch::ir
