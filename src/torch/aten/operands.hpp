// Operands of elementwise operators, in one type, as PyTorch promotes them: ONNX's operators want both of the
// same.
#pragma once

#include <initializer_list>

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// "add" of a call of "aten.add.Tensor".
std::string_view operator_name(const Conversion& c);

// A value that has the type `from` as one of the type `to`; itself when both are the same.
Value* converted(Conversion& c, Value* value, DataType from, DataType to);

// A tensor or a number as `type`; numbers become tensors of rank 0. Numbers that the program states are cut
// off for types of whole numbers, and wrapped around for unsigned ones, as PyTorch does.
Value* operand(Conversion& c, std::string_view argument, DataType type);

// torch.result_type of these arguments, tensors and numbers; absent ones do not count.
DataType common_type(const Conversion& c, std::initializer_list<std::string_view> arguments);

}  // namespace slipway::torch::aten
