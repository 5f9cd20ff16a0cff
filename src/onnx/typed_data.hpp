// The typed fields of TensorProto (`float_data`, `int32_data`, …): which of them belongs to an element type,
// and turning it into the layout of `raw_data`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tensor/data_type.hpp"

namespace slipway {

struct TypedField {
  uint32_t number;  // in TensorProto
  const char* name;
  bool is_fixed;  // elements of 4 or 8 bytes as they are; otherwise varints
  size_t width;   // bytes that one value of the field becomes
};

// Nothing for strings, which are bytes and stand in `string_data`.
std::optional<TypedField> typed_field_of(DataType type);

// Name of a field of TensorProto that holds elements, for messages; nullptr for other fields.
const char* data_field_name(uint32_t number);

// Values of the field in the TensorProto `message`, packed and single ones together.
size_t count_typed_values(std::string_view message, const TypedField& field);

// Writes them, `count_typed_values` times `width` bytes. A value too large for its element loses its high
// bits.
void copy_typed_values(std::string_view message, const TypedField& field, std::byte* out);

}  // namespace slipway
