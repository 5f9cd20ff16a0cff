// Values to and from ONNX Runtime.
#pragma once

#include <memory>

#include "backends/onnxruntime/ort_library.hpp"
#include "tensor/runtime_value.hpp"

namespace slipway::backends::ort {

// A value of the library that views the tensor's memory, which must outlive it; strings are copied. Throws
// kUnsupported for strings with NUL inside, which the library's interface cannot take, and for empty
// optionals.
Handle<Value> to_ort(const Library& library, const RuntimeValue& value);

// Tensors view the library's memory and keep `session` alive, which it may belong to; nullptr becomes an
// empty value. Throws kUnsupported for sparse tensors.
RuntimeValue from_ort(const std::shared_ptr<const Library>& library, Handle<Value> value,
                      const std::shared_ptr<void>& session);

}  // namespace slipway::backends::ort
