#include "onnx/read_type.hpp"

#include "base/error.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"
#include "onnx/read_context.hpp"

namespace slipway {
namespace {

DataType read_element_type(const MessageReader& field) {
  const int32_t number = field.int32();
  if (number != 0 && !is_data_type(number))
    fail(ErrorCode::kInvalidModel,
         "element type {} is none that ONNX 1.22 defines (1 to {}): the file is damaged or newer than this "
         "version of Slipway",
         number, kDataTypeCount - 1);
  return static_cast<DataType>(number);
}

Dim read_dimension(std::string_view message) {
  Dim dim;
  for (MessageReader field(message); field.next();) {
    if (field.key() == varint_key(onnx_field::Dimension::kValue))
      dim = field.int64() < 0 ? Dim() : Dim(field.int64());  // some exporters write -1 for unknown
    if (field.key() == length_key(onnx_field::Dimension::kParameter))
      dim = Dim::symbol(std::string(field.view()));
  }
  return dim;
}

Shape read_shape(std::string_view message) {
  Shape shape;
  for (MessageReader field(message); field.next();)
    if (field.key() == length_key(onnx_field::Shape::kDim)) shape.push_back(read_dimension(field.view()));
  check_tensor_rank(shape.size());
  return shape;
}

class TypeReader {
 public:
  Type read(std::string_view message) {
    const Nesting level(depth_, kMaxTypeNesting, "types");
    Type type;
    for (MessageReader field(message); field.next();) {
      switch (field.key()) {
        case length_key(onnx_field::Type::kTensor):
          type = read_tensor(field.view(), Type::tensor);
          break;
        case length_key(onnx_field::Type::kSparseTensor):
          type = read_tensor(field.view(), Type::sparse_tensor);
          break;
        case length_key(onnx_field::Type::kSequence):
          type = Type::sequence(read_wrapped(field.view()));
          break;
        case length_key(onnx_field::Type::kOptional):
          type = Type::optional(read_wrapped(field.view()));
          break;
        case length_key(onnx_field::Type::kMap):
          type = read_map(field.view());
          break;
        default:
          break;
      }
    }
    return type;
  }

 private:
  static Type read_tensor(std::string_view message, Type (*make)(DataType, std::optional<Shape>)) {
    DataType element = DataType::kUndefined;
    std::optional<Shape> shape;
    for (MessageReader field(message); field.next();) {
      if (field.key() == varint_key(onnx_field::TensorType::kElementType)) element = read_element_type(field);
      if (field.key() == length_key(onnx_field::TensorType::kShape)) shape = read_shape(field.view());
    }
    return element == DataType::kUndefined ? Type() : make(element, std::move(shape));
  }

  Type read_wrapped(std::string_view message) {
    Type element;
    for (MessageReader field(message); field.next();)
      if (field.key() == length_key(onnx_field::WrappedType::kElementType)) element = read(field.view());
    return element;
  }

  Type read_map(std::string_view message) {
    DataType key = DataType::kUndefined;
    Type value;
    for (MessageReader field(message); field.next();) {
      if (field.key() == varint_key(onnx_field::MapType::kKeyType)) key = read_element_type(field);
      if (field.key() == length_key(onnx_field::MapType::kValueType)) value = read(field.view());
    }
    return Type::map(key, std::move(value));
  }

  int depth_ = 0;
};

}  // namespace

Type read_type(std::string_view message) {
  return TypeReader().read(message);
}

ValueInfo read_value_info(std::string_view message) {
  ValueInfo info;
  std::string_view type, name_field;
  for (MessageReader field(message); field.next();) {
    if (field.key() == length_key(onnx_field::ValueInfo::kName)) {
      info.name = field.view();
      name_field = field.raw();
      continue;
    }
    if (field.key() == length_key(onnx_field::ValueInfo::kType)) type = field.view();
    info.rest.append(field.raw());
  }
  if (info.rest.empty()) info.rest = name_field;
  info.type = with_context([&] { return fmt::format("value '{}'", shown(info.name)); },
                           [&] { return read_type(type); });
  return info;
}

}  // namespace slipway
