// The elements of a tensor as text, for printing and messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tensor/tensor.hpp"

namespace slipway {

// Element `index` of a contiguous tensor in CPU memory: shortest digits that give the number back, "nan",
// "-inf", "true", "1+2i", strings quoted.
std::string element_text(const Tensor& tensor, int64_t index);

// "[1,2,3]", elements in memory's order whatever the rank; a scalar without brackets. "" when there are more
// than `most` elements, when they are not contiguous or not in CPU memory.
std::string elements_text(const Tensor& tensor, int64_t most);

// In double quotes; control characters, quotes, backslashes and bytes that are not valid UTF-8 as escapes.
// Longer ones are cut: "abc…" (100 bytes).
std::string quoted(std::string_view text, size_t most = 64);

}  // namespace slipway
