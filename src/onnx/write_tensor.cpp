#include "onnx/write_tensor.hpp"

#include "base/error.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/spellings.hpp"
#include "onnx/write_entries.hpp"

namespace slipway {
namespace {

using Field = onnx_field::Tensor;

bool says_external(const Preserved& preserved) {
  bool external = false;
  for (MessageReader field(preserved.bytes()); field.next();)
    if (field.key() == varint_key(Field::kDataLocation)) external = field.int32() != 0;
  return external;
}

void add_external_entries(const Tensor& tensor, WriteContext& context, MessageWriter& writer) {
  const uint64_t offset = context.external->place(tensor);
  writer.add_string(Field::kExternalData, encoded_entry("location", context.external->file()));
  writer.add_string(Field::kExternalData, encoded_entry("offset", std::to_string(offset)));
  writer.add_string(Field::kExternalData, encoded_entry("length", std::to_string(tensor.bytes())));
  writer.add_integer(Field::kDataLocation, 1);
}

// ONNX wants no data field, not even an empty one, in a tensor of no elements.
void add_data(const Tensor& tensor, WriteContext& context, MessageWriter& writer) {
  if (tensor.type() == DataType::kString) {
    for (const Text& element : tensor.data<Text>()) writer.add_string(Field::kStringData, element);
  } else if (!tensor.empty() && context.external && tensor.bytes() >= context.options.external_threshold) {
    add_external_entries(tensor, context, writer);
  } else if (!tensor.empty()) {
    writer.add_elements(Field::kRawData, tensor);
  }
}

}  // namespace

MessageWriter write_tensor(const Constant& constant, std::string_view name, WriteContext& context) {
  MessageWriter writer;
  const Tensor& tensor = constant.tensor;
  const bool was_external = says_external(constant.preserved);
  const bool unloaded = tensor.defined() && !tensor.raw();
  const bool stays = was_external && (unloaded || context.options.keep_external_data);
  if (unloaded && !was_external)
    fail(ErrorCode::kInternal, "tensor '{}' has no elements to write", shown(name));
  if (was_external && !stays)
    writer.add_raw(
        Spellings(constant.preserved, {length_key(Field::kExternalData), varint_key(Field::kDataLocation)})
            .rest());
  else
    writer.add_raw(constant.preserved.bytes());
  for (const int64_t dim : tensor.dims()) writer.add_integer(Field::kDims, dim);
  if (tensor.defined()) writer.add_integer(Field::kDataType, static_cast<int64_t>(tensor.type()));
  if (!name.empty()) writer.add_string(Field::kName, name);
  if (!stays && tensor.defined()) add_data(tensor.is_contiguous() ? tensor : tensor.clone(), context, writer);
  return writer;
}

MessageWriter write_sparse_tensor(const SparseTensor& sparse, std::string_view name, WriteContext& context) {
  MessageWriter writer;
  writer.add_raw(sparse.preserved.bytes());
  writer.add_message(onnx_field::SparseTensor::kValues, write_tensor(sparse.values, name, context));
  writer.add_message(onnx_field::SparseTensor::kIndices,
                     write_tensor(sparse.indices, sparse.indices.name, context));
  for (const int64_t dim : sparse.dims) writer.add_integer(onnx_field::SparseTensor::kDims, dim);
  return writer;
}

}  // namespace slipway
