#include "base/error.hpp"
#include "graph/graph.hpp"
#include "onnx/attribute_fields.hpp"
#include "onnx/read_type.hpp"
#include "onnx/spellings.hpp"
#include "onnx/write_graph.hpp"
#include "onnx/write_tensor.hpp"
#include "onnx/write_type.hpp"

namespace slipway {
namespace {

using Field = onnx_field::Attribute;

// Writes the content into the field that belongs to its kind.
class ContentWriter {
 public:
  ContentWriter(MessageWriter& writer, Spellings& spellings, WriteContext& context)
      : writer_(writer), spellings_(spellings), context_(context) {}

  void operator()(std::monostate) {}
  void operator()(float value) { writer_.add_float(Field::kFloat, value); }
  void operator()(int64_t value) { writer_.add_integer(Field::kInt, value); }
  void operator()(const std::string& value) { writer_.add_string(Field::kString, value); }
  void operator()(const Boxed<Constant>& value) { add(Field::kTensor, *value); }
  void operator()(const std::unique_ptr<Graph>& value) { add(Field::kGraph, value); }
  void operator()(const Boxed<SparseTensor>& value) { add(Field::kSparseTensor, *value); }
  void operator()(const Boxed<Type>& value) { add(Field::kType, *value); }
  void operator()(const std::vector<float>& values) {
    for (const float value : values) writer_.add_float(Field::kFloats, value);
  }
  void operator()(const std::vector<int64_t>& values) {
    for (const int64_t value : values) writer_.add_integer(Field::kInts, value);
  }
  void operator()(const std::vector<std::string>& values) {
    for (const std::string& value : values) writer_.add_string(Field::kStrings, value);
  }
  void operator()(const std::vector<Constant>& values) {
    for (const Constant& value : values) add(Field::kTensors, value);
  }
  void operator()(const Attribute::Graphs& values) {
    for (const auto& value : values) add(Field::kGraphs, value);
  }
  void operator()(const std::vector<SparseTensor>& values) {
    for (const SparseTensor& value : values) add(Field::kSparseTensors, value);
  }
  void operator()(const std::vector<Type>& values) {
    for (const Type& value : values) add(Field::kTypes, value);
  }

 private:
  void add(uint32_t number, const Constant& value) {
    writer_.add_message(number, write_tensor(value, value.name, context_));
  }
  void add(uint32_t number, const std::unique_ptr<Graph>& value) {
    writer_.add_message(number, write_graph(*value, context_));
  }
  void add(uint32_t number, const SparseTensor& value) {
    writer_.add_message(number, write_sparse_tensor(value, value.values.name, context_));
  }
  void add(uint32_t number, const Type& value) {
    const auto spelled = spellings_.take(
        length_key(number), [&](std::string_view message) { return read_type(message) == value; });
    if (spelled)
      writer_.add_raw(*spelled);
    else
      writer_.add_string(number, encoded_type(value));
  }

  MessageWriter& writer_;
  Spellings& spellings_;
  WriteContext& context_;
};

bool is_zero(const Attribute& attribute) {
  const auto* number = attribute.as<int64_t>();
  const auto* real = attribute.as<float>();
  const auto* text = attribute.as<std::string>();
  return (number && *number == 0) || (real && *real == 0) || (text && text->empty());
}

// A list without elements leaves no field behind.
bool is_empty_list(const Attribute& attribute) {
  return std::visit(
      [](const auto& content) {
        if constexpr (requires { content.begin(), content.empty(); })
          return !std::is_same_v<std::decay_t<decltype(content)>, std::string> && content.empty();
        else
          return false;
      },
      attribute.content());
}

}  // namespace

MessageWriter write_attribute(const Attribute& attribute, WriteContext& context) {
  MessageWriter writer;
  // A preserved kind field says that the file left out a content that is zero.
  Spellings spellings(attribute.preserved,
                      {varint_key(Field::kKind), length_key(Field::kType), length_key(Field::kTypes)});
  writer.add_raw(spellings.rest());
  const auto stated_kind = spellings.take(varint_key(Field::kKind), [](std::string_view) { return true; });
  if (!attribute.name().empty()) writer.add_string(Field::kName, attribute.name());
  if (attribute.is_reference()) writer.add_string(Field::kReference, attribute.parameter());
  if (!(stated_kind && is_zero(attribute)))
    std::visit(ContentWriter(writer, spellings, context), attribute.content());
  // IR version 1 has no such field; but without it nothing would say what a list without elements is.
  if (attribute.kind() != Attribute::Kind::kUndefined &&
      (context.ir_version != 1 || is_empty_list(attribute)))
    writer.add_integer(Field::kKind, field_of(attribute.kind()).type);
  else if (stated_kind)
    writer.add_raw(*stated_kind);
  return writer;
}

}  // namespace slipway
