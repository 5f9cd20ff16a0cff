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

// Where PyTorch computes with halves in f32 and rounds once: the type of the steps of a result of `type`.
DataType type_of_steps(DataType type);

// The type in which PyTorch multiplies and divides what becomes `type`: f32 for halves, if one of the
// operands is a number, or a wider tensor of rank 0, with digits that they lack. (Sums round the number
// first.)
DataType type_of_factors(const Conversion& c, std::initializer_list<std::string_view> operands,
                         DataType type);

// torch.result_type of these arguments, tensors and numbers; absent ones do not count.
DataType common_type(const Conversion& c, std::initializer_list<std::string_view> arguments);

}  // namespace slipway::torch::aten
