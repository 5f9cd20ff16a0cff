#include "onnx/typed_data.hpp"

#include <cstring>

#include "base/error.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"

namespace slipway {
namespace {

using Field = onnx_field::Tensor;

size_t wire_width(const TypedField& field) {
  return field.number == Field::kDoubleData ? 8 : 4;  // of fixed fields
}

bool is_single(const MessageReader& at, const TypedField& field) {
  if (!field.is_fixed) return at.key() == varint_key(field.number);
  return at.key() == (wire_width(field) == 8 ? fixed64_key(field.number) : fixed32_key(field.number));
}

// Calls visit(bytes of the values, as on the wire) for fixed fields.
template <typename Visit>
void for_each_fixed_run(std::string_view message, const TypedField& field, Visit&& visit) {
  for (MessageReader at(message); at.next();) {
    if (!is_single(at, field) && at.key() != length_key(field.number)) continue;
    if (at.view().size() % wire_width(field) != 0)
      fail(ErrorCode::kInvalidModel, "{} has {} bytes, which is no multiple of {}", field.name,
           at.view().size(), wire_width(field));
    visit(at.view());
  }
}

template <typename Visit>
void for_each_varint(std::string_view message, const TypedField& field, Visit&& visit) {
  for (MessageReader at(message); at.next();) {
    if (is_single(at, field)) visit(at.uint64());
    if (at.key() != length_key(field.number)) continue;
    for (std::string_view packed = at.view(); !packed.empty();) visit(take_varint(packed));
  }
}

}  // namespace

std::optional<TypedField> typed_field_of(DataType type) {
  switch (type) {
    case DataType::kUndefined:
    case DataType::kString:
      return std::nullopt;
    case DataType::kFloat:
    case DataType::kComplex64:
      return TypedField{Field::kFloatData, "float_data", true, 4};
    case DataType::kDouble:
    case DataType::kComplex128:
      return TypedField{Field::kDoubleData, "double_data", true, 8};
    case DataType::kInt64:
      return TypedField{Field::kInt64Data, "int64_data", false, 8};
    case DataType::kUint32:
      return TypedField{Field::kUint64Data, "uint64_data", false, 4};
    case DataType::kUint64:
      return TypedField{Field::kUint64Data, "uint64_data", false, 8};
    default: {
      // Types below 8 bits: one value holds the byte that several elements share.
      const int bits = bits_of(type);
      return TypedField{Field::kInt32Data, "int32_data", false,
                        bits <= 8 ? 1 : static_cast<size_t>(bits) / 8};
    }
  }
}

const char* data_field_name(uint32_t number) {
  switch (number) {
    case Field::kFloatData:
      return "float_data";
    case Field::kInt32Data:
      return "int32_data";
    case Field::kStringData:
      return "string_data";
    case Field::kInt64Data:
      return "int64_data";
    case Field::kDoubleData:
      return "double_data";
    case Field::kUint64Data:
      return "uint64_data";
    default:
      return nullptr;
  }
}

size_t count_typed_values(std::string_view message, const TypedField& field) {
  size_t count = 0;
  if (field.is_fixed)
    for_each_fixed_run(message, field,
                       [&](std::string_view run) { count += run.size() / wire_width(field); });
  else
    for_each_varint(message, field, [&](uint64_t) { ++count; });
  return count;
}

void copy_typed_values(std::string_view message, const TypedField& field, std::byte* out) {
  if (field.is_fixed)
    for_each_fixed_run(message, field, [&](std::string_view run) {
      if (!run.empty()) std::memcpy(out, run.data(), run.size());
      out += run.size();
    });
  else
    for_each_varint(message, field, [&](uint64_t value) {
      std::memcpy(out, &value, field.width);
      out += field.width;
    });
}

}  // namespace slipway
