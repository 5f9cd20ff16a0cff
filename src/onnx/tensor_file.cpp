#include "onnx/tensor_file.hpp"

#include "base/error.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"
#include "onnx/read_context.hpp"
#include "onnx/read_tensor.hpp"

namespace slipway {
namespace {

// SequenceProto and OptionalProto hold each other.
class ValueReader {
 public:
  explicit ValueReader(ReadContext& context) : context_(context) {}

  RuntimeValue read_sequence(std::string_view message) {
    using Field = onnx_field::Sequence;
    const Nesting level(depth_, kMaxTypeNesting, "sequences");
    Sequence elements;
    for (MessageReader field(message); field.next();)
      if (std::optional<RuntimeValue> element =
              read_member(field, Field::kTensors, Field::kSequences, Field::kOptionals))
        elements.push_back(std::move(*element));
    return RuntimeValue(std::move(elements));
  }

  RuntimeValue read_optional(std::string_view message) {
    using Field = onnx_field::Optional;
    const Nesting level(depth_, kMaxTypeNesting, "optionals");
    RuntimeValue value;
    for (MessageReader field(message); field.next();)
      if (std::optional<RuntimeValue> member =
              read_member(field, Field::kTensor, Field::kSequence, Field::kOptional))
        value = std::move(*member);
    return value;
  }

 private:
  // Nothing for fields that hold no value. Names and element types are not needed: the values have them.
  std::optional<RuntimeValue> read_member(const MessageReader& field, uint32_t tensor, uint32_t sequence,
                                          uint32_t optional) {
    if (field.type() != WireType::kLength || field.number() < 3 || field.number() > 7) return std::nullopt;
    if (field.number() == tensor) return RuntimeValue(read_tensor(field.view(), context_).tensor);
    if (field.number() == sequence) return read_sequence(field.view());
    if (field.number() == optional) return read_optional(field.view());
    fail(ErrorCode::kUnsupported, "maps and sparse tensors as values are not supported");
  }

  ReadContext& context_;
  int depth_ = 0;
};

}  // namespace

Constant read_tensor_file(const std::filesystem::path& path) {
  return read_mapped_file(path, {}, [](std::string_view message, ReadContext& context) {
    Constant constant = read_tensor(message, context);
    if (!constant.tensor.defined())
      fail(ErrorCode::kInvalidModel, "no tensor is in it: this is not a TensorProto");
    return constant;
  });
}

RuntimeValue read_value_file(const std::filesystem::path& path, const Type& type) {
  switch (type.kind()) {
    case Type::Kind::kNone:
    case Type::Kind::kTensor:
      return RuntimeValue(read_tensor_file(path).tensor);
    case Type::Kind::kSequence:
      return read_mapped_file(path, {}, [](std::string_view message, ReadContext& context) {
        return ValueReader(context).read_sequence(message);
      });
    case Type::Kind::kOptional:
      return read_mapped_file(path, {}, [](std::string_view message, ReadContext& context) {
        return ValueReader(context).read_optional(message);
      });
    default:
      fail(ErrorCode::kUnsupported, "values of type {} cannot be read from files", type.to_string());
  }
}

}  // namespace slipway
