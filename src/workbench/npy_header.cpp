#include "workbench/npy_header.hpp"

#include <array>
#include <limits>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "workbench/npy_literal.hpp"

namespace slipway::workbench {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicSize = 6;

struct NumericKind {
  char kind;
  int64_t size;
  DataType type;
};

// Void elements of one and two bytes are what ml_dtypes' float8 and bfloat16 are saved as.
constexpr std::array<NumericKind, 16> kNumericKinds = {{{'b', 1, DataType::kBool},
                                                        {'i', 1, DataType::kInt8},
                                                        {'i', 2, DataType::kInt16},
                                                        {'i', 4, DataType::kInt32},
                                                        {'i', 8, DataType::kInt64},
                                                        {'u', 1, DataType::kUint8},
                                                        {'u', 2, DataType::kUint16},
                                                        {'u', 4, DataType::kUint32},
                                                        {'u', 8, DataType::kUint64},
                                                        {'f', 2, DataType::kFloat16},
                                                        {'f', 4, DataType::kFloat},
                                                        {'f', 8, DataType::kDouble},
                                                        {'c', 8, DataType::kComplex64},
                                                        {'c', 16, DataType::kComplex128},
                                                        {'V', 1, DataType::kUint8},
                                                        {'V', 2, DataType::kUint16}}};

// The bytes of the literal, and where the elements begin.
std::string_view find_literal(std::span<const std::byte> file, size_t& data_offset) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (text.substr(0, kMagicSize) != std::string_view(kMagic, kMagicSize) || text.size() < 10)
    fail(ErrorCode::kInvalidArgument, "this is not a .npy file: it does not begin with \\x93NUMPY");
  const int major = static_cast<unsigned char>(text[6]);
  if (major < 1 || major > 3)
    fail(ErrorCode::kUnsupported, ".npy version {} is not known; versions 1, 2 and 3 are", major);
  const size_t length_bytes = major == 1 ? 2 : 4;
  const size_t begin = kMagicSize + 2 + length_bytes;
  if (text.size() < begin) fail(ErrorCode::kInvalidArgument, "the .npy file ends within its header");
  size_t length = 0;
  for (size_t i = 0; i < length_bytes; ++i)
    length |= static_cast<size_t>(static_cast<unsigned char>(text[begin - length_bytes + i])) << (8 * i);
  if (length > kMaxNpyHeader || length > text.size() - begin)
    fail(ErrorCode::kInvalidArgument,
         "the .npy header states a length of {} bytes; {} follow, and at most {} are read", length,
         text.size() - begin, kMaxNpyHeader);
  data_offset = begin + length;
  return text.substr(begin, length);
}

// Spelled as byte order, kind and size: "<f4".
void read_descr(const std::string& descr, NpyHeader& header) {
  const char order = descr.empty() ? '\0' : descr[0];
  const bool has_order = order == '<' || order == '>' || order == '|' || order == '=';
  const size_t kind_at = has_order ? 1 : 0;
  const char kind = descr.size() > kind_at ? descr[kind_at] : '\0';
  header.big_endian = order == '>';
  int64_t size = 0;
  if (kind != '\0' && kind != 'O') {
    NpyLiteral digits(std::string_view(descr).substr(kind_at + 1));
    size = digits.read_size();
    if (!digits.at_end()) size = 0;
  }
  for (const NumericKind& known : kNumericKinds) {
    if (known.kind != kind || known.size != size) continue;
    header.type = known.type;
    header.item_size = static_cast<size_t>(size);
    return;
  }
  if ((kind != 'S' && kind != 'U') || size < 1 || size > std::numeric_limits<int32_t>::max())
    fail(ErrorCode::kUnsupported,
         "elements of NumPy type {} have no ONNX type; save the array as one of bool, int8 to int64, "
         "uint8 to uint64, float16 to float64, complex64, complex128, S or U",
         slipway::quoted(descr));
  header.type = DataType::kString;
  header.text = kind == 'S' ? NpyHeader::Text::kBytes : NpyHeader::Text::kUnicode;
  header.item_size = static_cast<size_t>(size) * (kind == 'U' ? 4 : 1);
}

Dims read_shape(NpyLiteral& literal) {
  Dims dims;
  literal.expect('(');
  while (!literal.accept(')')) {
    if (dims.size() == kMaxNpyRank)
      fail(ErrorCode::kUnsupported, "the .npy array has more than {} dimensions", kMaxNpyRank);
    dims.push_back(literal.read_size());
    if (!literal.accept(',') && literal.peek() != ')') literal.expect(',');
  }
  return dims;
}

void read_entries(std::string_view text, NpyHeader& header) {
  NpyLiteral literal(text);
  bool has_descr = false, has_order = false, has_shape = false;
  const auto once = [](bool& seen, const char* key) {
    if (seen) fail(ErrorCode::kInvalidArgument, "the .npy header states '{}' twice", key);
    seen = true;
  };
  literal.expect('{');
  while (!literal.accept('}')) {
    const std::string key = literal.read_string();
    literal.expect(':');
    if (key == "descr") {
      once(has_descr, "descr");
      if (literal.peek() == '[')
        fail(ErrorCode::kUnsupported, "the .npy array holds records; save each field as an array of its own");
      read_descr(literal.read_string(), header);
    } else if (key == "fortran_order") {
      once(has_order, "fortran_order");
      header.fortran_order = literal.read_bool();
    } else if (key == "shape") {
      once(has_shape, "shape");
      header.dims = read_shape(literal);
    } else {
      fail(ErrorCode::kInvalidArgument, "the .npy header has an unknown entry {}", slipway::quoted(key));
    }
    if (!literal.accept(',') && literal.peek() != '}') literal.expect(',');
  }
  if (!literal.at_end() || !has_descr || !has_order || !has_shape)
    fail(
        ErrorCode::kInvalidArgument,
        "the .npy header is malformed: it must state descr, fortran_order and shape, and nothing after them");
}

// The number of elements that the shape states and the file has.
int64_t checked_count(const NpyHeader& header, size_t available) {
  const int64_t count = element_count(header.dims);
  const size_t elements = available / header.item_size;
  if (static_cast<uint64_t>(count) != elements || elements * header.item_size != available)
    fail(ErrorCode::kInvalidArgument,
         "the .npy header states {} elements of {} bytes as shape {}, but {} bytes follow it", count,
         header.item_size, to_string(header.dims), available);
  return count;
}

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> file) {
  NpyHeader header;
  const std::string_view literal = find_literal(file, header.data_offset);
  read_entries(literal, header);
  header.count = checked_count(header, file.size() - header.data_offset);
  return header;
}

std::string make_npy_header(const std::string& descr, const Dims& dims) {
  std::string literal = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (";
  for (size_t axis = 0; axis < dims.size(); ++axis)
    literal += std::to_string(dims[axis]) + (axis + 1 < dims.size() ? ", " : dims.size() == 1 ? "," : "");
  literal += "), }";
  constexpr size_t kPrefix = kMagicSize + 4;
  const size_t padding = 63 - (kPrefix + literal.size()) % 64;
  literal += std::string(padding, ' ') + '\n';
  if (literal.size() > std::numeric_limits<uint16_t>::max())
    fail(ErrorCode::kUnsupported, "a tensor of rank {} does not fit into a .npy header", dims.size());
  std::string header(kMagic, kMagicSize);
  header += '\x01';
  header += '\0';
  header += static_cast<char>(literal.size() & 0xff);
  header += static_cast<char>(literal.size() >> 8);
  return header + literal;
}

}  // namespace slipway::workbench
