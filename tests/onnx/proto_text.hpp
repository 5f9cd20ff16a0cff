// Writes protobuf messages for tests by field number, independently of the writer under test.
#pragma once

#include <protozero/pbf_writer.hpp>
#include <string>
#include <string_view>

namespace slipway::testing {

// A message, field by field: Proto().integer(1, 10).text(2, "a").bytes()
class Proto {
 public:
  Proto& integer(uint32_t number, int64_t value) {
    protozero::pbf_writer(bytes_).add_int64(number, value);
    return *this;
  }
  Proto& real(uint32_t number, float value) {
    protozero::pbf_writer(bytes_).add_float(number, value);
    return *this;
  }
  Proto& text(uint32_t number, std::string_view value) {
    protozero::pbf_writer(bytes_).add_bytes(number, value.data(), value.size());
    return *this;
  }
  Proto& message(uint32_t number, const Proto& value) { return text(number, value.bytes_); }
  Proto& raw(std::string_view fields) {
    bytes_.append(fields);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// A tensor with raw_data; name "t".
inline Proto tensor_proto(int64_t type, std::initializer_list<int64_t> dims, std::string_view raw) {
  Proto tensor;
  for (const int64_t dim : dims) tensor.integer(1, dim);
  return tensor.integer(2, type).text(8, "t").text(9, raw);
}

inline Proto entry_proto(std::string_view key, std::string_view value) {
  return Proto().text(1, key).text(2, value);
}

// A node with one input and one output ("" for none).
inline Proto node_proto(std::string_view op, std::string_view input, std::string_view output) {
  Proto node;
  if (!input.empty()) node.text(1, input);
  if (!output.empty()) node.text(2, output);
  return node.text(4, op);
}

inline std::string model_with_graph(const Proto& graph) {
  return Proto().integer(1, 10).message(8, Proto().integer(2, 20)).message(7, graph).bytes();
}
inline std::string model_with_initializer(const Proto& tensor) {
  return model_with_graph(Proto().text(2, "main").message(5, tensor));
}

}  // namespace slipway::testing
