// Copies elements of any type between two tensors of the same type: what operators need that only move
// elements.
#pragma once

#include <cstdint>

#include "tensor/tensor.hpp"

namespace slipway::ops {

class ElementMover {
 public:
  // Both contiguous, of the same type, alive as long as the mover.
  ElementMover(const Tensor& from, Tensor& to);

  // Element `source` to place `target`, both counted in memory's order. Not checked.
  void move(int64_t source, int64_t target) const { move(source, target, 1); }
  // `count` elements in a row.
  void move(int64_t source, int64_t target, int64_t count) const;
  // The one element to `count` places in a row.
  void fill(int64_t source, int64_t target, int64_t count) const;

 private:
  DataType type_;
  size_t width_;  // bytes of an element; 0 for strings and packed ones
  const void* from_;
  void* to_;
};

// Makes every element of a contiguous tensor 0, false or the empty string.
void clear_elements(Tensor& tensor);

}  // namespace slipway::ops
