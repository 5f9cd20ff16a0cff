#include "onnx/spellings.hpp"

#include <algorithm>

namespace slipway {

Spellings::Spellings(const Preserved& preserved, std::initializer_list<uint32_t> keys) {
  for (MessageReader field(preserved.bytes()); field.next();)
    if (std::find(keys.begin(), keys.end(), field.key()) != keys.end())
      entries_.push_back({field.key(), field.raw(), field.view()});
    else
      rest_bytes_.append(field.raw());
  rest_ = entries_.empty() ? preserved.bytes() : std::string_view(rest_bytes_);
}

}  // namespace slipway
