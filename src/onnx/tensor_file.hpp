// The .pb files that hold inputs and outputs of ONNX's test cases: one TensorProto, SequenceProto, MapProto
// or OptionalProto each. Files do not say which.
#pragma once

#include <filesystem>

#include "graph/attribute.hpp"
#include "tensor/runtime_value.hpp"
#include "tensor/type.hpp"

namespace slipway {

// A TensorProto with its name. External data is looked for beside the file. Errors as read_model's.
Constant read_tensor_file(const std::filesystem::path& path);

// What the file of a value of this type holds. Sparse tensors: kUnsupported.
RuntimeValue read_value_file(const std::filesystem::path& path, const Type& type);

}  // namespace slipway
