// Cuts the bytes of a protobuf message into fields, one at a time, without copying and without trusting a
// length before it has been compared with what is there. Fields of any number and wire type pass, the old
// groups included, so that what a reader does not know can be kept.
//
//   for (MessageReader field(bytes); field.next();) switch (field.key()) {
//     case length_key(3): name = field.view(); break;
//     case varint_key(4): version = field.int64(); break;
//     default: preserved.append(field.raw());
//   }
//
// A field whose number is known but whose wire type is not the expected one has another key, and so is
// treated as unknown, as protobuf's own readers do. Every method may throw kInvalidModel.
#pragma once

#include <cstdint>
#include <string_view>

namespace slipway {

enum class WireType : uint32_t {
  kVarint = 0,
  kFixed64 = 1,
  kLength = 2,
  kGroup = 3,
  kGroupEnd = 4,
  kFixed32 = 5
};

constexpr uint32_t field_key(uint32_t number, WireType type) {
  return number << 3 | static_cast<uint32_t>(type);
}
constexpr uint32_t varint_key(uint32_t number) {
  return field_key(number, WireType::kVarint);
}
constexpr uint32_t length_key(uint32_t number) {
  return field_key(number, WireType::kLength);
}
constexpr uint32_t fixed32_key(uint32_t number) {
  return field_key(number, WireType::kFixed32);
}
constexpr uint32_t fixed64_key(uint32_t number) {
  return field_key(number, WireType::kFixed64);
}

class MessageReader {
 public:
  explicit MessageReader(std::string_view message) : rest_(message) {}

  // Steps to the next field; false after the last one.
  bool next();

  uint32_t number() const { return key_ >> 3; }
  WireType type() const { return static_cast<WireType>(key_ & 7); }
  uint32_t key() const { return key_; }
  // The whole field as it stands in the message: key, length and content.
  std::string_view raw() const { return raw_; }

  // The content, by wire type; the key has told the caller which of them is meant.
  std::string_view view() const { return view_; }                   // kLength
  uint64_t uint64() const { return integer_; }                      // kVarint
  int64_t int64() const { return static_cast<int64_t>(integer_); }  // kVarint
  // An int32 or enumerator: protobuf keeps the low half of what the varint says.
  int32_t int32() const { return static_cast<int32_t>(static_cast<uint32_t>(integer_)); }
  float float32() const;   // kFixed32
  double float64() const;  // kFixed64

 private:
  uint32_t read_key();
  void read_content();
  void skip_group();
  std::string_view take(uint64_t size);

  std::string_view rest_;
  std::string_view raw_;
  std::string_view view_;
  uint64_t integer_ = 0;
  uint32_t key_ = 0;
};

// Reads the varint at the front of `bytes` and removes it from there.
uint64_t take_varint(std::string_view& bytes);

// A name out of a file for a message: shortened, and without control characters.
std::string shown(std::string_view name);

}  // namespace slipway
