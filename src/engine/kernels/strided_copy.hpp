// Copies elements by strides on both sides: transposing, slicing, splitting, joining, repeating and spreading
// are all this. Elements are 1, 2, 4, 8 or 16 bytes that nobody looks into.
#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.hpp"
#include "tensor/dim.hpp"

namespace slipway::engine {

// A loop of the copy: bytes from one element to the next on each side. Sources may stand still or go
// backwards.
struct CopyAxis {
  int64_t size = 1;
  int64_t from = 0;
  int64_t to = 0;
};

// The two loops that run inside of the instruction set's code; `columns` are neighbours in the target.
struct CopyPlane {
  size_t width;
  CopyAxis rows;
  CopyAxis columns;
  const std::byte* from;
  std::byte* to;
};

// By the calling thread. Steps between columns in the target are `width`.
void copy_plane(const CopyPlane& plane);

// The same for floats, with steps in floats.
inline void copy_floats(const CopyAxis& rows, const CopyAxis& columns, const float* from, float* to) {
  const auto in_bytes = [](const CopyAxis& axis) { return CopyAxis{axis.size, axis.from * 4, axis.to * 4}; };
  copy_plane({sizeof(float), in_bytes(rows), in_bytes(columns), reinterpret_cast<const std::byte*>(from),
              reinterpret_cast<std::byte*>(to)});
}

class StridedCopy {
 public:
  // Axes from the outermost on, strides in elements of `width` bytes. No size is 0. No two elements go to one
  // place, and the last axis with more than one element has step 1 in the target.
  StridedCopy(size_t width, const Dims& sizes, const Dims& from, const Dims& to);

  // From the first element's place to the first element's place; what is written does not overlap what is
  // read.
  void run(const std::byte* from, std::byte* to, ThreadPool& pool) const;

 private:
  void choose_plane(std::vector<CopyAxis> axes);
  void copy_planes(const std::byte* from, std::byte* to, int64_t first, int64_t count, CopyPlane plane) const;

  size_t width_;
  CopyAxis rows_, columns_;
  std::vector<CopyAxis> outer_;  // innermost first
  int64_t planes_ = 1;
  // A piece is several small planes, or a rectangle of a large one.
  int64_t planes_per_piece_ = 1;
  int64_t rows_per_piece_ = 1, row_cuts_ = 1;
  int64_t columns_per_piece_ = 1, column_cuts_ = 1;
};

}  // namespace slipway::engine
