// What becomes of a block of exact sums of products of bytes (dot_tile.hpp): zero points are taken out of
// them, and they are stored as i32 or scaled to bytes, as the operators' reference kernels do it:
//
//   s[r][n] = sums[r][n] + row_add[r] + column_add[n] − row_factor[r] · column_factor[n]     (i32, wraps)
//   out[r][n] = s, or saturate(round_half_even((s + bias[r]) · scale[r or n]) + zero_point)  (in f64)
#pragma once

#include <cstdint>
#include <limits>

#include "tensor/data_type.hpp"

namespace slipway::engine {

struct SumsBlock {
  const int32_t* sums = nullptr;  // rows sums_stride apart, readable up to the next whole vector
  int64_t sums_stride = 0;
  int64_t rows = 0, columns = 0;
  // Entries of rows and of columns; those of columns are readable as the sums are. nullptr: zeros.
  const int32_t *row_add = nullptr, *row_factor = nullptr;
  const int32_t *column_add = nullptr, *column_factor = nullptr;

  DataType type = DataType::kInt32;  // or u8 or i8
  void* out = nullptr;
  int64_t out_stride = 0;  // in elements
  // For bytes. Scales are of rows, or of columns; a bias goes with those of rows.
  const int32_t* bias = nullptr;
  const double *row_scale = nullptr, *column_scale = nullptr;
  int32_t most = std::numeric_limits<int32_t>::max();  // that an s may be away from 0
  int32_t zero_point = 0;
};

void store_sums(const SumsBlock& block);

}  // namespace slipway::engine
