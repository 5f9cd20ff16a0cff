// Sizes as exported programs state them: SymPy's expressions as text, either as trees ("Add(Symbol('s0',
// positive=True, integer=True), Integer(1))") or as formulas ("s0 + 1", "FloorDiv(s0, 2)").
#pragma once

#include <string>
#include <unordered_map>

#include "tensor/dim.hpp"

namespace slipway::torch {

// Remembers what it has read: a program says the same few expressions thousands of times.
class SympyExpressions {
 public:
  // Unknown where the text is none, or is one that Dim does not express (Max, a square root).
  const Dim& read(const std::string& text);

 private:
  std::unordered_map<std::string, Dim> known_;
};

}  // namespace slipway::torch
