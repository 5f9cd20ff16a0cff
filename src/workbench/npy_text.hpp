// Strings of fixed width in .npy files to and from UTF-8.
#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.hpp"
#include "workbench/npy_header.hpp"

namespace slipway::workbench {

// The elements in the order of the file. Throws kInvalidArgument for what is no Unicode character.
std::vector<std::string> decode_npy_text(const NpyHeader& header, std::span<const std::byte> elements);

// Code points of each string, and the length of the longest (at least 1). Throws kInvalidArgument for
// strings that are not UTF-8 or end with NUL, which fixed width cannot tell from padding.
struct NpyText {
  std::vector<std::u32string> strings;
  size_t width = 1;
};
NpyText encode_npy_text(std::span<const Text> strings);

}  // namespace slipway::workbench
