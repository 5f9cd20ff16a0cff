// What a file says about an entity that the graph has no use for (doc strings of odd places, quantisation
// annotations, fields that a later ONNX added): kept as the file's own bytes, written back untouched. Absent,
// it costs one pointer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace slipway {

class Preserved {
 public:
  Preserved() = default;
  Preserved(const Preserved& other)
      : bytes_(other.bytes_ ? std::make_unique<std::string>(*other.bytes_) : nullptr) {}
  Preserved(Preserved&&) noexcept = default;
  Preserved& operator=(Preserved other) noexcept {
    bytes_ = std::move(other.bytes_);
    return *this;
  }

  void append(std::string_view bytes) {
    if (!bytes_) bytes_ = std::make_unique<std::string>();
    bytes_->append(bytes);
  }
  std::string_view bytes() const { return bytes_ ? std::string_view(*bytes_) : std::string_view(); }
  bool empty() const { return !bytes_ || bytes_->empty(); }
  void clear() { bytes_.reset(); }

 private:
  std::unique_ptr<std::string> bytes_;
};

}  // namespace slipway
