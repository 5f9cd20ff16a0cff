// TypeProto and ValueInfoProto.
#pragma once

#include <string_view>

#include "graph/graph.hpp"
#include "tensor/type.hpp"

namespace slipway {

// A TypeProto. Element types that ONNX does not define are errors; what Slipway has no type for (opaque
// types, a tensor of undefined elements) is Type(), none.
Type read_type(std::string_view message);

// A ValueInfoProto, taken apart. Views are into the message.
struct ValueInfo {
  std::string_view name;
  Type type;
  // Every field but the name, as it stands. The name field when there is no other, so that an entry always
  // leaves a trace.
  std::string rest;
};
ValueInfo read_value_info(std::string_view message);

}  // namespace slipway
