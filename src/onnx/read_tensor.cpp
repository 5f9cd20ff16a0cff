#include "onnx/read_tensor.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "onnx/external_location.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"
#include "onnx/stated_fields.hpp"
#include "onnx/typed_data.hpp"

namespace slipway {
namespace {

using Field = onnx_field::Tensor;

enum class DataLocation { kDefault = 0, kExternal = 1 };

size_t alignment_of(DataType type) {
  const auto bytes = static_cast<size_t>(bits_of(type)) / 8;
  const bool is_complex = type == DataType::kComplex64 || type == DataType::kComplex128;
  return std::max<size_t>(is_complex ? bytes / 2 : bytes, 1);
}

class TensorReader {
 public:
  TensorReader(std::string_view message, ReadContext& context) : message_(message), context_(context) {}

  Constant read() {
    scan();
    with_context([&] { return fmt::format("tensor '{}'", shown(constant_.name)); },
                 [&] { constant_.tensor = content(); });
    return std::move(constant_);
  }

 private:
  void scan();
  bool scan_data(const MessageReader& field);
  void read_dims(const MessageReader& field);
  Tensor content();
  void require_one_data_field(uint32_t expected) const;
  Tensor from_bytes(std::string_view bytes, const std::shared_ptr<Buffer>& owner) const;
  Tensor from_raw() const;
  Tensor from_typed_field(const TypedField& field) const;
  Tensor from_strings() const;
  Tensor from_external_file() const;
  [[noreturn]] void fail_count(const char* field, size_t got, size_t needed, const char* unit) const;
  std::string describe() const { return std::string(name_of(type_)) + to_string(dims_); }

  std::string_view message_;
  ReadContext& context_;
  Constant constant_;
  Dims dims_;
  int64_t count_ = 0;
  int32_t type_number_ = 0;
  DataType type_ = DataType::kUndefined;
  int32_t location_ = 0;
  ExternalLocation external_;
  std::optional<std::string_view> raw_;
  uint32_t data_fields_ = 0;  // a bit for each typed field that has something in it
  std::vector<std::string_view> strings_;
  bool is_segment_ = false;
};

void TensorReader::read_dims(const MessageReader& field) {
  if (field.type() == WireType::kVarint) {
    dims_.push_back(field.int64());
  } else {
    for (std::string_view packed = field.view(); !packed.empty();)
      dims_.push_back(static_cast<int64_t>(take_varint(packed)));
  }
}

// Elements in typed fields are only noted here: how they are read depends on the type.
bool TensorReader::scan_data(const MessageReader& field) {
  if (!data_field_name(field.number())) return false;
  if (field.type() == WireType::kGroup) return false;
  if (field.type() == WireType::kLength && field.number() == Field::kStringData)
    strings_.push_back(field.view());
  if (field.type() != WireType::kLength || field.number() == Field::kStringData || !field.view().empty())
    data_fields_ |= 1u << field.number();
  return true;
}

void TensorReader::scan() {
  for (MessageReader field(message_); field.next();) {
    switch (field.key()) {
      case varint_key(Field::kDims):
      case length_key(Field::kDims):
        read_dims(field);
        break;
      case varint_key(Field::kDataType):
        type_number_ = field.int32();
        if (type_number_ == 0) constant_.preserved.append(field.raw());
        break;
      case length_key(Field::kName):
        read_string(field, constant_.name, constant_.preserved);
        break;
      case length_key(Field::kRawData):
        raw_ = field.view();
        if (raw_->empty()) constant_.preserved.append(field.raw());
        break;
      case length_key(Field::kExternalData):
        read_external_entry(field.view(), external_);
        constant_.preserved.append(field.raw());
        break;
      case varint_key(Field::kDataLocation):
        location_ = field.int32();
        constant_.preserved.append(field.raw());
        break;
      default:
        if (scan_data(field)) break;
        is_segment_ |= field.number() == Field::kSegment;
        constant_.preserved.append(field.raw());
    }
  }
}

Tensor TensorReader::content() {
  if (type_number_ != 0 && !is_data_type(type_number_))
    fail(ErrorCode::kInvalidModel,
         "element type {} is none that ONNX 1.22 defines (1 to {}): the file is damaged or newer than this "
         "version of Slipway",
         type_number_, kDataTypeCount - 1);
  type_ = static_cast<DataType>(type_number_);
  const bool has_data = (raw_ && !raw_->empty()) || data_fields_ != 0 || location_ != 0;
  if (type_ == DataType::kUndefined) {
    if (has_data || !dims_.empty())
      fail(ErrorCode::kInvalidModel, "its element type is not stated, but its dimensions or data are");
    return {};
  }
  count_ = checked_element_count(type_, dims_);
  switch (location_) {
    case static_cast<int32_t>(DataLocation::kDefault):
      break;
    case static_cast<int32_t>(DataLocation::kExternal):
      return from_external_file();
    default:
      fail(ErrorCode::kInvalidModel, "data location {} is none that ONNX defines (0 or 1)", location_);
  }
  if (type_ == DataType::kString) return from_strings();
  const TypedField field = *typed_field_of(type_);
  const bool is_raw = raw_ && (!raw_->empty() || data_fields_ == 0);
  require_one_data_field(is_raw ? 0 : field.number);
  return is_raw ? from_raw() : from_typed_field(field);
}

void TensorReader::require_one_data_field(uint32_t expected) const {
  for (uint32_t number = 1; number < 32; ++number)
    if ((data_fields_ >> number & 1) != 0 && number != expected)
      fail(ErrorCode::kInvalidModel, "elements of type {} stand in {}, but belong into {}", name_of(type_),
           data_field_name(number), expected ? data_field_name(expected) : "raw_data, which is there too");
}

void TensorReader::fail_count(const char* field, size_t got, size_t needed, const char* unit) const {
  if (is_segment_)
    fail(ErrorCode::kUnsupported,
         "it is a segment of a larger tensor: {} holds {} {} where {} needs {}; join the segments first",
         field, got, unit, describe(), needed);
  fail(ErrorCode::kInvalidModel, "{} holds {} {}, but {} needs {}: the file is damaged", field, got, unit,
       describe(), needed);
}

Tensor TensorReader::from_bytes(std::string_view bytes, const std::shared_ptr<Buffer>& owner) const {
  const bool is_aligned = reinterpret_cast<uintptr_t>(bytes.data()) % alignment_of(type_) == 0;
  const bool may_stay = is_aligned || (!context_.options.align_weights && bytes.size() > kAlwaysAligned);
  if (owner && may_stay && !bytes.empty())
    return with_valid_bools(Tensor(
        type_, dims_, owner, static_cast<size_t>(bytes.data() - static_cast<const char*>(owner->data()))));
  Tensor copy(type_, dims_);
  if (!bytes.empty()) std::memcpy(copy.raw(), bytes.data(), bytes.size());
  return with_valid_bools(std::move(copy));
}

Tensor TensorReader::from_raw() const {
  const size_t needed = bytes_for(type_, count_);
  if (raw_->size() != needed) fail_count("raw_data", raw_->size(), needed, "bytes");
  return from_bytes(*raw_, context_.source);
}

Tensor TensorReader::from_typed_field(const TypedField& field) const {
  const size_t needed = bytes_for(type_, count_) / field.width;
  const size_t got = count_typed_values(message_, field);
  if (got != needed) fail_count(field.name, got, needed, "values");
  Tensor tensor(type_, dims_);
  copy_typed_values(message_, field, static_cast<std::byte*>(tensor.raw()));
  return with_valid_bools(std::move(tensor));
}

Tensor TensorReader::from_strings() const {
  if (raw_ && !raw_->empty())
    fail(ErrorCode::kInvalidModel, "strings stand in raw_data, but belong into string_data");
  require_one_data_field(Field::kStringData);
  if (strings_.size() != static_cast<size_t>(count_))
    fail_count("string_data", strings_.size(), static_cast<size_t>(count_), "strings");
  Tensor tensor(type_, dims_);
  std::copy(strings_.begin(), strings_.end(), tensor.data<Text>().begin());
  return tensor;
}

Tensor TensorReader::from_external_file() const {
  if (type_ == DataType::kString) fail(ErrorCode::kInvalidModel, "strings cannot be external data");
  if (external_.location.empty())
    fail(ErrorCode::kInvalidModel, "its data is said to be external, but no location is stated");
  require_one_data_field(0);
  const size_t needed = bytes_for(type_, count_);
  if (external_.length.value_or(needed) != needed)
    fail(ErrorCode::kInvalidModel, "its external data has a length of {} bytes, but {} needs {}",
         *external_.length, describe(), needed);
  if (!context_.options.load_external_data) return Tensor::borrow(type_, dims_, nullptr, needed);
  const std::shared_ptr<Buffer> file = context_.external.open(external_.location);
  if (external_.offset > file->size() || needed > file->size() - external_.offset)
    fail(ErrorCode::kInvalidModel,
         "its data should be the {} bytes from {} on in '{}', but that file has {} bytes: it is cut short or "
         "belongs to another model",
         needed, external_.offset, shown(external_.location), file->size());
  return from_bytes({static_cast<const char*>(file->data()) + external_.offset, needed}, file);
}

}  // namespace

int64_t checked_element_count(DataType type, const Dims& dims) {
  check_tensor_rank(dims.size());
  try {
    const int64_t count = element_count(dims);
    bytes_for(type, count);
    return count;
  } catch (const Error& error) {
    fail(ErrorCode::kInvalidModel, "{}", error.reason());
  }
}

Constant read_tensor(std::string_view message, ReadContext& context) {
  return TensorReader(message, context).read();
}

}  // namespace slipway
