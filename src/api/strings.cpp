// Tensors of strings, which have no memory that C could look into.
#include <algorithm>
#include <string>

#include "api/status.hpp"
#include "api/tensor.hpp"

using namespace slipway;
using namespace slipway::api;

slipway_status slipway_tensor_create_strings(const int64_t* dims, size_t rank, const char* const* strings,
                                             const size_t* lengths, size_t count, slipway_tensor** tensor) {
  return guarded([&] {
    auto& out = not_null(tensor, "tensor");
    const auto texts = array(strings, count, "strings");
    Dims sizes = checked_dims(dims, rank);
    if (const int64_t expected = element_count(sizes); static_cast<size_t>(expected) != count)
      fail(ErrorCode::kInvalidArgument, "{} strings were given for {}, which has {} elements", count,
           to_string(sizes), expected);
    Tensor content(DataType::kString, std::move(sizes));
    auto elements = content.data<Text>();
    for (size_t i = 0; i < count; ++i) {
      const char* text = &not_null(texts[i], "strings");
      elements[i] = lengths ? std::string(text, lengths[i]) : std::string(text);
    }
    out = new slipway_tensor(std::move(content));
  });
}

slipway_status slipway_tensor_string(const slipway_tensor* tensor, size_t index, const char** text,
                                     size_t* length) {
  return guarded([&] {
    auto& out = not_null(text, "text");
    const Tensor& content = handle(tensor, "tensor").content;
    if (content.type() != DataType::kString)
      fail(ErrorCode::kInvalidArgument, "a tensor of strings was expected, but {} was given",
           content.describe());
    const auto strings = content.data<Text>();
    if (index >= strings.size())
      fail(ErrorCode::kInvalidArgument, "there is no element {} in {}", index, content.describe());
    out = strings[index].c_str();
    if (length) *length = strings[index].size();
  });
}
