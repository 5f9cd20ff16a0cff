// Copies elements of any type between two tensors of the same type: what operators need that only move
// elements.
#pragma once

#include <cstdint>
#include <cstring>

#include "tensor/tensor.hpp"

namespace slipway::ops {

class ElementMover {
 public:
  // Both contiguous, of the same type, alive as long as the mover.
  ElementMover(const Tensor& from, Tensor& to);

  // Element `source` to place `target`, both counted in memory's order. Not checked.
  void move(int64_t source, int64_t target) const {
    switch (width_) {
      case 1:
        return move_one<1>(source, target);
      case 2:
        return move_one<2>(source, target);
      case 4:
        return move_one<4>(source, target);
      case 8:
        return move_one<8>(source, target);
      default:
        return move(source, target, 1);
    }
  }
  // `count` elements in a row.
  void move(int64_t source, int64_t target, int64_t count) const;
  // The one element to `count` places in a row.
  void fill(int64_t source, int64_t target, int64_t count) const;

 private:
  // Of a width that the compiler knows: a load and a store instead of a call.
  template <size_t kWidth>
  void move_one(int64_t source, int64_t target) const {
    std::memcpy(static_cast<std::byte*>(to_) + static_cast<size_t>(target) * kWidth,
                static_cast<const std::byte*>(from_) + static_cast<size_t>(source) * kWidth, kWidth);
  }

  DataType type_;
  size_t width_;  // bytes of an element; 0 for strings and packed ones
  const void* from_;
  void* to_;
};

// Makes every element of a contiguous tensor 0, false or the empty string.
void clear_elements(Tensor& tensor);

}  // namespace slipway::ops
