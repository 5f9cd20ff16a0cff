#include "tensor/tensor_text.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "tensor/packed.hpp"

namespace slipway {
namespace {

template <typename T>
std::string number_text(const Tensor& tensor, int64_t index) {
  const T element = tensor.data<T>()[static_cast<size_t>(index)];
  if constexpr (std::is_arithmetic_v<T>)
    return fmt::format("{}", element);
  else
    return fmt::format("{}", static_cast<float>(element));
}

template <typename T>
std::string complex_text(const Tensor& tensor, int64_t index) {
  const auto element = tensor.data<std::complex<T>>()[static_cast<size_t>(index)];
  return fmt::format("{}{:+}i", element.real(), element.imag());
}

// Length of the UTF-8 sequence that `text` begins with; 0 when it is none.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t length = byte(0) < 0x80       ? 1
                        : byte(0) >> 5 == 6  ? 2
                        : byte(0) >> 4 == 14 ? 3
                        : byte(0) >> 3 == 30 ? 4
                                             : 0;
  if (length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if (byte(i) >> 6 != 2) return 0;
  return length;
}

void append_escaped(std::string& to, unsigned char character) {
  switch (character) {
    case '\n':
      to += "\\n";
      return;
    case '\t':
      to += "\\t";
      return;
    case '"':
    case '\\':
      to += '\\';
      to += static_cast<char>(character);
      return;
    default:
      to += fmt::format("\\x{:02x}", character);
  }
}

bool is_plain(unsigned char character) {
  return character >= ' ' && character != 0x7F && character != '"' && character != '\\';
}

}  // namespace

std::string element_text(const Tensor& tensor, int64_t index) {
  switch (tensor.type()) {
    case DataType::kFloat:
      return number_text<float>(tensor, index);
    case DataType::kDouble:
      return number_text<double>(tensor, index);
    case DataType::kUint8:
      return number_text<uint8_t>(tensor, index);
    case DataType::kInt8:
      return number_text<int8_t>(tensor, index);
    case DataType::kUint16:
      return number_text<uint16_t>(tensor, index);
    case DataType::kInt16:
      return number_text<int16_t>(tensor, index);
    case DataType::kUint32:
      return number_text<uint32_t>(tensor, index);
    case DataType::kInt32:
      return number_text<int32_t>(tensor, index);
    case DataType::kUint64:
      return number_text<uint64_t>(tensor, index);
    case DataType::kInt64:
      return number_text<int64_t>(tensor, index);
    case DataType::kFloat16:
      return number_text<Float16>(tensor, index);
    case DataType::kBfloat16:
      return number_text<Bfloat16>(tensor, index);
    case DataType::kFloat8e4m3fn:
      return number_text<Float8e4m3fn>(tensor, index);
    case DataType::kFloat8e4m3fnuz:
      return number_text<Float8e4m3fnuz>(tensor, index);
    case DataType::kFloat8e5m2:
      return number_text<Float8e5m2>(tensor, index);
    case DataType::kFloat8e5m2fnuz:
      return number_text<Float8e5m2fnuz>(tensor, index);
    case DataType::kFloat8e8m0:
      return number_text<Float8e8m0>(tensor, index);
    case DataType::kBool:  // as a byte: one from a file need not be 0 or 1
      return static_cast<const uint8_t*>(tensor.raw())[index] != 0 ? "true" : "false";
    case DataType::kString:
      return quoted(tensor.data<Text>()[static_cast<size_t>(index)]);
    case DataType::kComplex64:
      return complex_text<float>(tensor, index);
    case DataType::kComplex128:
      return complex_text<double>(tensor, index);
    case DataType::kUint4:
    case DataType::kInt4:
    case DataType::kFloat4e2m1:
    case DataType::kUint2:
    case DataType::kInt2:
      return fmt::format("{}", decode_packed(tensor.type(), read_packed(tensor.type(), tensor.raw(), index)));
    case DataType::kUndefined:
      break;
  }
  fail(ErrorCode::kInternal, "a tensor without type has no elements");
}

std::string elements_text(const Tensor& tensor, int64_t most) {
  if (tensor.count() > most || !tensor.defined() || !tensor.is_contiguous() || !(tensor.device() == Device{}))
    return "";
  if (tensor.rank() == 0) return element_text(tensor, 0);
  std::string text = "[";
  for (int64_t i = 0; i < tensor.count(); ++i) text.append(i > 0 ? "," : "").append(element_text(tensor, i));
  return text + "]";
}

std::string quoted(std::string_view text, size_t most) {
  std::string result = "\"";
  size_t position = 0;
  while (position < text.size() && position < most) {
    const auto character = static_cast<unsigned char>(text[position]);
    const size_t length = utf8_length(text.substr(position));
    if (length > 1 || (length == 1 && is_plain(character)))
      result.append(text, position, length);
    else
      append_escaped(result, character);
    position += length > 0 ? length : 1;
  }
  if (position == text.size()) return result + "\"";
  return fmt::format("{}…\" ({} bytes)", result, text.size());
}

}  // namespace slipway
