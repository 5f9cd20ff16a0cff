#include "onnx/tensor_file.hpp"

#include "base/error.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"
#include "onnx/read_context.hpp"
#include "onnx/read_tensor.hpp"
#include "ops/element_mover.hpp"

namespace slipway {
namespace {

// One list of tensors with one element each.
Tensor joined(const Sequence& elements) {
  if (elements.empty()) return Tensor(DataType::kFloat, {0});
  Tensor all(elements[0].tensor().type(), {static_cast<int64_t>(elements.size())});
  for (size_t i = 0; i < elements.size(); ++i) {
    const Tensor& one = elements[i].tensor();
    if (one.type() != all.type() || one.count() != 1)
      fail(ErrorCode::kUnsupported, "the value of a map is {}, but one {} is expected", one.describe(),
           name_of(all.type()));
    ops::ElementMover(one, all).move(0, static_cast<int64_t>(i));
  }
  return all;
}

// SequenceProto, MapProto and OptionalProto hold each other.
class ValueReader {
 public:
  explicit ValueReader(ReadContext& context) : context_(context) {}

  RuntimeValue read_sequence(std::string_view message) {
    using Field = onnx_field::Sequence;
    const Nesting level(depth_, kMaxTypeNesting, "sequences");
    Sequence elements;
    for (MessageReader field(message); field.next();)
      if (std::optional<RuntimeValue> element =
              read_member(field, {Field::kTensors, Field::kSequences, Field::kMaps, Field::kOptionals}))
        elements.push_back(std::move(*element));
    return RuntimeValue(std::move(elements));
  }

  RuntimeValue read_map(std::string_view message) {
    using Field = onnx_field::Map;
    const Nesting level(depth_, kMaxTypeNesting, "maps");
    std::vector<int64_t> numbers;
    std::vector<std::string> texts;
    std::optional<Sequence> values;
    for (MessageReader field(message); field.next();) {
      if (field.key() == varint_key(Field::kKeys)) numbers.push_back(field.int64());
      if (field.key() == length_key(Field::kStringKeys)) texts.emplace_back(field.view());
      if (field.key() == length_key(Field::kValues)) values = read_sequence(field.view()).sequence();
      if (field.key() != length_key(Field::kKeys)) continue;
      for (std::string_view packed = field.view(); !packed.empty();)
        numbers.push_back(static_cast<int64_t>(take_varint(packed)));
    }
    if (!values) fail(ErrorCode::kInvalidModel, "no map is in it: this is not a MapProto");
    const auto list = [](const auto& elements) {
      using Element = typename std::decay_t<decltype(elements)>::value_type;
      return Tensor::from<Element>({static_cast<int64_t>(elements.size())},
                                   std::span<const Element>(elements));
    };
    return Map{texts.empty() ? list(numbers) : list(texts), joined(*values)};
  }

  RuntimeValue read_optional(std::string_view message) {
    using Field = onnx_field::Optional;
    const Nesting level(depth_, kMaxTypeNesting, "optionals");
    RuntimeValue value;
    for (MessageReader field(message); field.next();)
      if (std::optional<RuntimeValue> member =
              read_member(field, {Field::kTensor, Field::kSequence, Field::kMap, Field::kOptional}))
        value = std::move(*member);
    return value;
  }

 private:
  // The numbers of the fields that hold values.
  struct Members {
    uint32_t tensor, sequence, map, optional;
  };

  // Nothing for fields that hold no value. Names and element types are not needed: the values have them.
  std::optional<RuntimeValue> read_member(const MessageReader& field, const Members& members) {
    if (field.type() != WireType::kLength || field.number() < 3 || field.number() > 7) return std::nullopt;
    if (field.number() == members.tensor) return RuntimeValue(read_tensor(field.view(), context_).tensor);
    if (field.number() == members.sequence) return read_sequence(field.view());
    if (field.number() == members.map) return read_map(field.view());
    if (field.number() == members.optional) return read_optional(field.view());
    fail(ErrorCode::kUnsupported, "sparse tensors as values are not supported");
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
    case Type::Kind::kMap:
      return read_mapped_file(path, {}, [](std::string_view message, ReadContext& context) {
        return ValueReader(context).read_map(message);
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
