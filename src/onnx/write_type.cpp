#include "onnx/write_type.hpp"

#include "onnx/field_numbers.hpp"
#include "onnx/message_writer.hpp"

namespace slipway {
namespace {

std::string encoded_shape(const Shape& shape) {
  MessageWriter writer;
  for (const Dim& dim : shape) {
    MessageWriter dimension;
    if (dim.is_known()) dimension.add_integer(onnx_field::Dimension::kValue, dim.value());
    if (dim.is_symbolic()) dimension.add_string(onnx_field::Dimension::kParameter, dim.text());
    writer.add_message(onnx_field::Shape::kDim, dimension);
  }
  return std::move(writer).take_text();
}

std::string encoded_tensor(const Type& type) {
  MessageWriter writer;
  writer.add_integer(onnx_field::TensorType::kElementType, static_cast<int64_t>(type.element_type()));
  if (type.shape()) writer.add_string(onnx_field::TensorType::kShape, encoded_shape(*type.shape()));
  return std::move(writer).take_text();
}

std::string encoded_wrapped(const Type& inner) {
  MessageWriter writer;
  writer.add_string(onnx_field::WrappedType::kElementType, encoded_type(inner));
  return std::move(writer).take_text();
}

std::string encoded_map(const Type& type) {
  MessageWriter writer;
  writer.add_integer(onnx_field::MapType::kKeyType, static_cast<int64_t>(type.element_type()));
  writer.add_string(onnx_field::MapType::kValueType, encoded_type(type.inner()));
  return std::move(writer).take_text();
}

}  // namespace

std::string encoded_type(const Type& type) {
  using Field = onnx_field::Type;
  MessageWriter writer;
  switch (type.kind()) {
    case Type::Kind::kNone:
      break;
    case Type::Kind::kTensor:
      writer.add_string(Field::kTensor, encoded_tensor(type));
      break;
    case Type::Kind::kSparseTensor:
      writer.add_string(Field::kSparseTensor, encoded_tensor(type));
      break;
    case Type::Kind::kSequence:
      writer.add_string(Field::kSequence, encoded_wrapped(type.inner()));
      break;
    case Type::Kind::kOptional:
      writer.add_string(Field::kOptional, encoded_wrapped(type.inner()));
      break;
    case Type::Kind::kMap:
      writer.add_string(Field::kMap, encoded_map(type));
      break;
  }
  return std::move(writer).take_text();
}

std::string encoded_value_info(const Value& value) {
  MessageWriter name;
  name.add_string(onnx_field::ValueInfo::kName, value.name());
  const std::string_view stated = value.file_type.bytes();
  std::string name_field = std::move(name).take_text();
  if (stated == name_field) return name_field;  // an entry that said nothing else
  MessageWriter writer;
  writer.add_raw(stated);
  writer.add_raw(name_field);  // after what is preserved: the name as it was may be among it
  if (stated.empty() && !value.type().is_none())
    writer.add_string(onnx_field::ValueInfo::kType, encoded_type(value.type()));
  return std::move(writer).take_text();
}

}  // namespace slipway
