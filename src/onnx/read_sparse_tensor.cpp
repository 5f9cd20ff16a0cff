#include <cstring>

#include "base/error.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"
#include "onnx/read_tensor.hpp"
#include "onnx/stated_fields.hpp"

namespace slipway {
namespace {

using Field = onnx_field::SparseTensor;

// An entry's position in the dense tensor, from the index or indices that its row of `indices` holds.
int64_t position_of(std::span<const int64_t> row, const Dims& dims, int64_t count, bool is_linear) {
  if (is_linear) {
    if (row[0] < 0 || row[0] >= count)
      fail(ErrorCode::kInvalidModel, "index {} is outside the {} elements of {}", row[0], count,
           to_string(dims));
    return row[0];
  }
  int64_t position = 0;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (row[axis] < 0 || row[axis] >= dims[axis])
      fail(ErrorCode::kInvalidModel, "index {} is outside axis {} of {}", row[axis], axis, to_string(dims));
    position = position * dims[axis] + row[axis];
  }
  return position;
}

bool is_loaded(const SparseTensor& sparse) {
  return sparse.values.tensor.raw() && sparse.indices.tensor.raw();
}

// Calls visit(entry, position in the dense tensor).
template <typename Visit>
void for_each_position(const SparseTensor& sparse, Visit&& visit) {
  const int64_t dense_count = element_count(sparse.dims);
  const Tensor& indices = sparse.indices.tensor;
  const bool is_linear = indices.rank() == 1;
  const size_t width = is_linear ? 1 : sparse.dims.size();
  for (size_t entry = 0; entry < static_cast<size_t>(sparse.values.tensor.count()); ++entry)
    visit(entry, static_cast<size_t>(position_of(indices.data<int64_t>().subspan(entry * width, width),
                                                 sparse.dims, dense_count, is_linear)));
}

void check(const SparseTensor& sparse) {
  const Tensor& values = sparse.values.tensor;
  const Tensor& indices = sparse.indices.tensor;
  const auto rank = static_cast<int64_t>(sparse.dims.size());
  const bool fits = values.defined() && values.rank() == 1 && indices.type() == DataType::kInt64 &&
                    (indices.dims() == Dims{values.count()} || indices.dims() == Dims{values.count(), rank});
  if (!fits)
    fail(ErrorCode::kInvalidModel,
         "a sparse tensor of rank {} needs values [n] and indices i64[n] or i64[n,{}], but has {} and {}",
         rank, rank, values.describe(), indices.describe());
  checked_element_count(values.type(), sparse.dims);
  if (is_loaded(sparse)) for_each_position(sparse, [](size_t, size_t) {});
}

void place(const SparseTensor& sparse, Tensor& dense) {
  const Tensor& values = sparse.values.tensor;
  if (dense.type() == DataType::kString) {
    auto out = dense.data<Text>();
    for_each_position(sparse, [&](size_t entry, size_t at) { out[at] = values.data<Text>()[entry]; });
    return;
  }
  const auto width = static_cast<size_t>(bits_of(dense.type())) / 8;
  if (width == 0)
    fail(ErrorCode::kUnsupported, "sparse tensors of {} are not supported: store it densely",
         name_of(dense.type()));
  auto* out = static_cast<std::byte*>(dense.raw());
  std::memset(out, 0, dense.bytes());
  const auto* in = static_cast<const std::byte*>(values.raw());
  for_each_position(
      sparse, [&](size_t entry, size_t at) { std::memcpy(out + at * width, in + entry * width, width); });
}

}  // namespace

SparseTensor read_sparse_tensor(std::string_view message, ReadContext& context) {
  SparseTensor sparse;
  std::optional<std::string_view> values, indices;
  for (MessageReader field(message); field.next();) {
    switch (field.key()) {
      case length_key(Field::kValues):
        set_once(field, "the values of a sparse tensor", values);
        break;
      case length_key(Field::kIndices):
        set_once(field, "the indices of a sparse tensor", indices);
        break;
      case varint_key(Field::kDims):
        sparse.dims.push_back(field.int64());
        break;
      case length_key(Field::kDims):
        for (std::string_view packed = field.view(); !packed.empty();)
          sparse.dims.push_back(static_cast<int64_t>(take_varint(packed)));
        break;
      default:
        sparse.preserved.append(field.raw());
    }
  }
  if (!values || !indices)
    fail(ErrorCode::kInvalidModel, "a sparse tensor needs values and indices, but has no {}",
         values ? "indices" : "values");
  sparse.values = read_tensor(*values, context);
  sparse.indices = read_tensor(*indices, context);
  with_context([&] { return fmt::format("sparse tensor '{}'", shown(sparse.values.name)); },
               [&] { check(sparse); });
  return sparse;
}

Tensor dense_from(const SparseTensor& sparse, ReadContext& context) {
  const Tensor& values = sparse.values.tensor;
  const size_t bytes = bytes_for(values.type(), element_count(sparse.dims));
  if (!is_loaded(sparse)) return Tensor::borrow(values.type(), sparse.dims, nullptr, bytes);
  const size_t stored = values.bytes() + sparse.indices.tensor.bytes();
  if (bytes / kMaxSparseExpansion > stored) {
    if (bytes > context.sparse_budget)
      fail(ErrorCode::kOutOfMemory,
           "sparse tensor '{}' would grow from {} to {} bytes, beyond the limit of {} times its size: store "
           "it "
           "densely",
           shown(sparse.values.name), stored, bytes, kMaxSparseExpansion);
    context.sparse_budget -= bytes;
  }
  Tensor dense(values.type(), sparse.dims);
  place(sparse, dense);
  return dense;
}

}  // namespace slipway
