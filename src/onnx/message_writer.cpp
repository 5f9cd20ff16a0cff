#include "onnx/message_writer.hpp"

#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

namespace slipway {
namespace {

// The key and length of a length-delimited field. protozero's own stops at 4 GiB.
void add_header(std::string& text, uint32_t number, uint64_t size) {
  protozero::add_varint_to_buffer(&text, number << 3 | 2u);
  protozero::add_varint_to_buffer(&text, size);
}

// Elements up to this size are copied: a reference costs more.
constexpr size_t kSmallTensor = 1024;

}  // namespace

void MessageWriter::add_string(uint32_t number, std::string_view bytes) {
  add_header(text_, number, bytes.size());
  text_.append(bytes);
}

void MessageWriter::add_integer(uint32_t number, int64_t value) {
  protozero::pbf_writer(text_).add_int64(number, value);
}

void MessageWriter::add_float(uint32_t number, float value) {
  protozero::pbf_writer(text_).add_float(number, value);
}

void MessageWriter::add_message(uint32_t number, const MessageWriter& message) {
  add_header(text_, number, message.size());
  for (const Insertion& insertion : message.insertions_)
    insertions_.push_back({text_.size() + insertion.position, insertion.tensor});
  text_.append(message.text_);
  element_bytes_ += message.element_bytes_;
}

void MessageWriter::add_elements(uint32_t number, const Tensor& tensor) {
  const size_t bytes = tensor.bytes();
  if (bytes <= kSmallTensor) return add_string(number, {static_cast<const char*>(tensor.raw()), bytes});
  add_header(text_, number, bytes);
  insertions_.push_back({text_.size(), tensor});
  element_bytes_ += bytes;
}

}  // namespace slipway
