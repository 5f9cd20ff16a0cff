#include "workbench/npy.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.hpp"
#include "tensor/packed.hpp"
#include "workbench/npy_header.hpp"
#include "workbench/npy_text.hpp"

namespace slipway::workbench {
namespace {

// Where an element type is stored as another: what NumPy lacks.
struct Stand {
  DataType type;
  DataType stored;
};
constexpr std::array<Stand, 11> kStands = {{{DataType::kBfloat16, DataType::kUint16},
                                            {DataType::kFloat8e4m3fn, DataType::kUint8},
                                            {DataType::kFloat8e4m3fnuz, DataType::kUint8},
                                            {DataType::kFloat8e5m2, DataType::kUint8},
                                            {DataType::kFloat8e5m2fnuz, DataType::kUint8},
                                            {DataType::kFloat8e8m0, DataType::kUint8},
                                            {DataType::kUint4, DataType::kUint8},
                                            {DataType::kInt4, DataType::kInt8},
                                            {DataType::kFloat4e2m1, DataType::kUint8},
                                            {DataType::kUint2, DataType::kUint8},
                                            {DataType::kInt2, DataType::kInt8}}};

DataType stored_as(DataType type) {
  for (const Stand& stand : kStands)
    if (stand.type == type) return stand.stored;
  return type;
}

// One element a byte, sign-extended where the stored type has a sign.
Tensor unpack(const Tensor& packed) {
  Tensor bytes(stored_as(packed.type()), packed.dims());
  auto* to = static_cast<uint8_t*>(bytes.raw());
  const int sign = bytes.type() == DataType::kInt8 ? 1 << (bits_of(packed.type()) - 1) : 0;
  for (int64_t i = 0; i < packed.count(); ++i)
    to[i] = static_cast<uint8_t>((read_packed(packed.type(), packed.raw(), i) ^ sign) - sign);
  return bytes;
}

Tensor pack(const Tensor& bytes, DataType type) {
  const bool is_signed = bytes.type() == DataType::kInt8;
  const int values = 1 << bits_of(type);
  const int low = is_signed ? -values / 2 : 0;
  Tensor packed(type, bytes.dims());
  std::memset(packed.raw(), 0, packed.bytes());
  const auto* from = static_cast<const uint8_t*>(bytes.raw());
  for (int64_t i = 0; i < bytes.count(); ++i) {
    const int element = is_signed ? static_cast<int8_t>(from[i]) : from[i];
    if (element < low || element >= low + values)
      fail(ErrorCode::kInvalidArgument, "element {} is {}, which does not fit into {} ({} to {})", i, element,
           name_of(type), low, low + values - 1);
    write_packed(type, packed.raw(), i, static_cast<uint8_t>(element & (values - 1)));
  }
  return packed;
}

// The bytes of numbers, turned where the file's order is not the machine's (which is little-endian).
void swap_bytes(Tensor& tensor, const NpyHeader& header) {
  const bool complex = header.type == DataType::kComplex64 || header.type == DataType::kComplex128;
  const size_t width = complex ? header.item_size / 2 : header.item_size;
  auto* bytes = static_cast<std::byte*>(tensor.raw());
  for (size_t at = 0; at < tensor.bytes(); at += width) std::reverse(bytes + at, bytes + at + width);
}

Tensor from_column_major(const Tensor& tensor, const Dims& dims) {
  Dims strides(dims.size());
  int64_t stride = 1;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    strides[axis] = stride;
    stride *= std::max<int64_t>(dims[axis], 1);
  }
  return tensor.with_strides(dims, strides).clone();
}

Tensor parse_numbers(const NpyHeader& header, std::shared_ptr<Buffer> file) {
  Tensor tensor(header.type, header.dims, std::move(file), header.data_offset);
  const bool swap = header.big_endian && header.item_size > 1;
  const bool aligned = reinterpret_cast<uintptr_t>(tensor.raw()) % 16 == 0;
  if (swap || !aligned) tensor = tensor.clone();
  if (swap) swap_bytes(tensor, header);
  return with_valid_bools(std::move(tensor));
}

Tensor parse_text(const NpyHeader& header, const Buffer& file) {
  const std::span<const std::byte> bytes(static_cast<const std::byte*>(file.data()), file.size());
  const auto strings = decode_npy_text(header, bytes.subspan(header.data_offset));
  return Tensor::from<std::string>(header.dims, strings);
}

void format_text(const Tensor& tensor, const ByteSink& write) {
  const NpyText text = encode_npy_text(tensor.data<Text>());
  const std::string header = make_npy_header("<U" + std::to_string(text.width), tensor.dims());
  write(std::as_bytes(std::span(header)));
  std::u32string padded;
  for (const std::u32string& string : text.strings) {
    padded = string;
    padded.resize(text.width);
    write(std::as_bytes(std::span(padded)));
  }
}

const char* descr_of(DataType type) {
  switch (type) {
    case DataType::kBool:
      return "|b1";
    case DataType::kInt8:
      return "|i1";
    case DataType::kInt16:
      return "<i2";
    case DataType::kInt32:
      return "<i4";
    case DataType::kInt64:
      return "<i8";
    case DataType::kUint8:
      return "|u1";
    case DataType::kUint16:
      return "<u2";
    case DataType::kUint32:
      return "<u4";
    case DataType::kUint64:
      return "<u8";
    case DataType::kFloat16:
      return "<f2";
    case DataType::kFloat:
      return "<f4";
    case DataType::kDouble:
      return "<f8";
    case DataType::kComplex64:
      return "<c8";
    case DataType::kComplex128:
      return "<c16";
    default:
      fail(ErrorCode::kUnsupported, "a tensor of type {} cannot be stored as .npy", name_of(type));
  }
}

}  // namespace

Tensor parse_npy(std::shared_ptr<Buffer> file) {
  const NpyHeader header =
      parse_npy_header(std::span(static_cast<const std::byte*>(file->data()), file->size()));
  const Tensor tensor = header.text == NpyHeader::Text::kNone ? parse_numbers(header, std::move(file))
                                                              : parse_text(header, *file);
  return header.fortran_order ? from_column_major(tensor, header.dims) : tensor;
}

void format_npy(const Tensor& tensor, const ByteSink& write) {
  if (!tensor.is_contiguous()) return format_npy(tensor.clone(), write);
  if (tensor.type() == DataType::kString) return format_text(tensor, write);
  if (is_packed(tensor.type())) return format_npy(unpack(tensor), write);
  const std::string header = make_npy_header(descr_of(stored_as(tensor.type())), tensor.dims());
  write(std::as_bytes(std::span(header)));
  write(tensor.raw_bytes());
}

Tensor reinterpret_as(const Tensor& tensor, DataType type) {
  if (type == tensor.type() || stored_as(type) != tensor.type()) return tensor;
  if (is_packed(type)) return pack(tensor, type);
  const Tensor bits = tensor.is_contiguous() ? tensor : tensor.clone();
  const auto* begin = static_cast<const std::byte*>(bits.buffer()->data());
  const auto offset = static_cast<size_t>(static_cast<const std::byte*>(bits.raw()) - begin);
  return Tensor(type, bits.dims(), bits.buffer(), offset);
}

}  // namespace slipway::workbench
