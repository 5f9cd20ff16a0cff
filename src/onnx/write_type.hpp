// TypeProto and ValueInfoProto.
#pragma once

#include <string>

#include "graph/value.hpp"
#include "tensor/type.hpp"

namespace slipway {

// A TypeProto; empty for Type().
std::string encoded_type(const Type& type);

// A ValueInfoProto: as the file spelled it, when it did and nobody changed the type, else from the type.
std::string encoded_value_info(const Value& value);

}  // namespace slipway
