// Upper and lower case of UTF-8 text, character by character: Unicode's simple case mappings, the same on
// every machine whatever its locale.
#pragma once

#include <string_view>

#include "base/counted_allocator.hpp"

namespace slipway::ops {

// Bytes that are not UTF-8 stay as they are. Thread-safe.
Text to_lower(std::string_view text);
Text to_upper(std::string_view text);

}  // namespace slipway::ops
