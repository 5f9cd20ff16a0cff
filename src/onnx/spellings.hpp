// Takes what is preserved apart on writing: entries that stand for something the graph knows as well (see
// stated_fields.hpp) are used one by one in the place of that thing; the rest is written as it is.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/preserved.hpp"
#include "onnx/message_reader.hpp"

namespace slipway {

class Spellings {
 public:
  // `keys`: the fields whose entries are set apart. Of another wire type they are unknown fields.
  Spellings(const Preserved& preserved, std::initializer_list<uint32_t> keys);

  // All other fields. A view into what is preserved when that is all there is.
  std::string_view rest() const { return rest_; }

  // The first unused entry of the field whose content is accepted, as a whole field. Used from then on.
  template <typename Accept>
  std::optional<std::string_view> take(uint32_t key, Accept&& accept) {
    for (Entry& entry : entries_) {
      if (entry.used || entry.key != key || !accept(entry.content)) continue;
      entry.used = true;
      return entry.raw;
    }
    return std::nullopt;
  }

 private:
  struct Entry {
    uint32_t key;
    std::string_view raw;
    std::string_view content;
    bool used = false;
  };

  std::vector<Entry> entries_;
  std::string_view rest_;
  std::string rest_bytes_;
};

}  // namespace slipway
