// Sizes of the form "8*s + 2": who knows the size knows the name.
#pragma once

#include <optional>
#include <string>

#include "tensor/dim.hpp"

namespace slipway {

// factor·name + offset
struct LinearSize {
  std::string name;
  int64_t factor = 1;
  int64_t offset = 0;

  // What the name stands for when the expression is `size`; nothing where that is no number of at least 0.
  std::optional<int64_t> solve(int64_t size) const;
  // "any size", "a multiple of 8", "2 and more in steps of 8": which sizes there are.
  std::string sizes() const;
};

// Nothing for a dimension that has several names, none, or another form. The factor is positive.
std::optional<LinearSize> as_linear(const Dim& dim);

}  // namespace slipway
