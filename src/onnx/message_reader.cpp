#include "onnx/message_reader.hpp"

#include <bit>
#include <cstring>
#include <protozero/exception.hpp>
#include <protozero/varint.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace slipway {

static_assert(std::endian::native == std::endian::little,
              "protobuf's fixed fields and raw_data are little-endian and are used in place");

namespace {

constexpr size_t kMaxGroupNesting = 64;
constexpr uint32_t kMaxFieldNumber = (1u << 29) - 1;

}  // namespace

uint64_t take_varint(std::string_view& bytes) {
  const char* position = bytes.data();
  const char* const end = position + bytes.size();
  try {
    const uint64_t value = protozero::decode_varint(&position, end);
    bytes.remove_prefix(static_cast<size_t>(position - bytes.data()));
    return value;
  } catch (const protozero::exception&) {
    fail(ErrorCode::kInvalidModel,
         "a number is cut off or longer than 10 bytes: the file is damaged or not of this format");
  }
}

std::string_view MessageReader::take(uint64_t size) {
  if (size > rest_.size())
    fail(ErrorCode::kInvalidModel,
         "field {} states {} bytes, but {} are left: the file is cut short, damaged or not of this format",
         number(), size, rest_.size());
  const std::string_view taken = rest_.substr(0, static_cast<size_t>(size));
  rest_.remove_prefix(taken.size());
  return taken;
}

uint32_t MessageReader::read_key() {
  const uint64_t key = take_varint(rest_);
  if (key >> 3 == 0 || key >> 3 > kMaxFieldNumber || (key & 7) > 5)
    fail(ErrorCode::kInvalidModel, "no field can have the key {}: the file is damaged or not of this format",
         key);
  return static_cast<uint32_t>(key);
}

bool MessageReader::next() {
  if (rest_.empty()) return false;
  const std::string_view from = rest_;
  key_ = read_key();
  read_content();
  raw_ = from.substr(0, from.size() - rest_.size());
  return true;
}

void MessageReader::read_content() {
  switch (type()) {
    case WireType::kVarint:
      integer_ = take_varint(rest_);
      break;
    case WireType::kFixed64:
      view_ = take(8);
      break;
    case WireType::kLength:
      view_ = take(take_varint(rest_));
      break;
    case WireType::kGroup:
      skip_group();
      break;
    case WireType::kGroupEnd:
      fail(ErrorCode::kInvalidModel, "the end of group {} stands where no group is open: the file is damaged",
           number());
    case WireType::kFixed32:
      view_ = take(4);
      break;
  }
}

// Runs to the end that belongs to the group which key_ has opened.
void MessageReader::skip_group() {
  const uint32_t group = key_;
  std::vector<uint32_t> open{number()};
  while (!open.empty()) {
    key_ = read_key();
    if (type() == WireType::kGroup) {
      open.push_back(number());
      if (open.size() > kMaxGroupNesting)
        fail(ErrorCode::kInvalidModel, "groups are nested more than {} deep", kMaxGroupNesting);
    } else if (type() == WireType::kGroupEnd) {
      if (number() != open.back())
        fail(ErrorCode::kInvalidModel, "group {} is closed as group {}: the file is damaged", open.back(),
             number());
      open.pop_back();
    } else {
      read_content();
    }
  }
  key_ = group;
}

float MessageReader::float32() const {
  float value;
  std::memcpy(&value, view_.data(), sizeof value);
  return value;
}

double MessageReader::float64() const {
  double value;
  std::memcpy(&value, view_.data(), sizeof value);
  return value;
}

std::string shown(std::string_view name) {
  constexpr size_t kLongest = 120;
  std::string text(name.substr(0, kLongest));
  for (char& letter : text)
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = '?';
  if (name.size() > kLongest) text += "...";
  return text;
}

}  // namespace slipway
