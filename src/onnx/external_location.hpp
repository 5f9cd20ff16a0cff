// The `external_data` entries of a TensorProto: where its bytes lie.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

struct ExternalLocation {
  std::string location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
};

// Takes in one entry (a StringStringEntryProto). Keys other than location, offset and length are passed over;
// a checksum (of the whole file) is kept in the file but not verified: that would read every byte.
// Throws kInvalidModel when a number is none.
void read_external_entry(std::string_view message, ExternalLocation& into);

}  // namespace slipway
