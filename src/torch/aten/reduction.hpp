// Which axes a reduction goes over, and what remains of them.
#pragma once

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

struct Reduction {
  std::vector<int64_t> axes;  // ascending; empty: all of them
  bool keep = false;          // axes of size 1 remain
  int64_t rank = 0;

  bool is_total() const { return axes.empty() || static_cast<int64_t>(axes.size()) == rank; }
  // The axes by name.
  std::vector<int64_t> list() const;
};

// From the arguments `dim` (a number, a list, or absent: all) and `keepdim`.
Reduction reduction_of(const Conversion& c, std::string_view self = "self");

// ReduceSum and its like.
Value* reduce(Conversion& c, const char* op_type, Value* value, const Reduction& reduction);

// The number of elements that are reduced to one, as a tensor of rank 0 of `type`.
Value* count_of(Conversion& c, const Reduction& reduction, const Shape& sizes, DataType type);

}  // namespace slipway::torch::aten
