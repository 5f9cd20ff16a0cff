#include "workbench/value_digest.hpp"

#include <string>

namespace slipway::workbench {
namespace {

class Digest {
 public:
  uint64_t result() const { return hash_; }

  void add(const RuntimeValue& value) {
    if (value.is_tensor()) return add(value.tensor());
    if (!value.is_sequence()) return add_number(value.has_value() ? kOther : kAbsent);
    add_number(kSequence);
    add_number(static_cast<int64_t>(value.sequence().size()));
    for (const RuntimeValue& element : value.sequence()) add(element);
  }

 private:
  static constexpr int64_t kAbsent = -1, kSequence = -2, kOther = -3;

  void add(const Tensor& tensor) {
    add_number(static_cast<int64_t>(tensor.type()));
    for (const int64_t size : tensor.dims()) add_number(size);
    if (tensor.type() != DataType::kString) return add_bytes(tensor.raw_bytes());
    for (const Text& text : tensor.data<Text>()) {
      add_number(static_cast<int64_t>(text.size()));
      add_bytes(std::as_bytes(std::span(text)));
    }
  }
  void add_number(int64_t number) { add_bytes(std::as_bytes(std::span(&number, 1))); }
  void add_bytes(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) hash_ = (hash_ ^ static_cast<uint64_t>(byte)) * 1099511628211U;
  }

  uint64_t hash_ = 14695981039346656037U;
};

}  // namespace

uint64_t digest_of(std::span<const RuntimeValue> values) {
  Digest digest;
  for (const RuntimeValue& value : values) digest.add(value);
  return digest.result();
}

}  // namespace slipway::workbench
