// A protobuf message being written: its bytes, except for the elements of large tensors, which are only
// referred to. Lengths are known before any element is touched, so a model goes to a file without a second
// copy of its weights.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor.hpp"

namespace slipway {

class MessageWriter {
 public:
  void add_string(uint32_t number, std::string_view bytes);
  void add_integer(uint32_t number, int64_t value);
  void add_float(uint32_t number, float value);
  void add_message(uint32_t number, const MessageWriter& message);
  // A length-delimited field with a contiguous tensor's bytes, which are read when the message is.
  void add_elements(uint32_t number, const Tensor& tensor);
  // Whole fields as they stand.
  void add_raw(std::string_view fields) { text_.append(fields); }

  uint64_t size() const { return text_.size() + element_bytes_; }

  // Calls visit(std::string_view) for the message's bytes, piece by piece.
  template <typename Visit>
  void for_each_piece(Visit&& visit) const {
    const std::string_view text = text_;
    size_t position = 0;
    for (const Insertion& insertion : insertions_) {
      visit(text.substr(position, insertion.position - position));
      visit(std::string_view(static_cast<const char*>(insertion.tensor.raw()), insertion.tensor.bytes()));
      position = insertion.position;
    }
    visit(text.substr(position));
  }

  // The bytes of a message without elements.
  std::string take_text() && { return std::move(text_); }

 private:
  struct Insertion {
    size_t position;  // in text_
    Tensor tensor;
  };

  std::string text_;
  std::vector<Insertion> insertions_;
  uint64_t element_bytes_ = 0;
};

}  // namespace slipway
