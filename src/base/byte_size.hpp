// Sizes of memory as people write and read them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway {

// "1536", "512M", "2G", "1.5GiB": K, M, G and T are powers of 1024; an i and a B may follow. Throws
// kInvalidArgument for anything else, for 0 and for what no machine can address.
size_t parse_byte_size(std::string_view text);

// "1536 bytes", and above a mebibyte also in units: "4294967296 bytes (4.0 GiB)".
std::string byte_size_text(size_t bytes);

}  // namespace slipway
