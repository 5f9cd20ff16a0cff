// Upper and lower case of UTF-8 text, character by character: Unicode's simple case mappings, the same on
// every machine whatever its locale.
#pragma once

#include <string>
#include <string_view>

namespace slipway::ops {

// Bytes that are not UTF-8 stay as they are. Thread-safe.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

}  // namespace slipway::ops
