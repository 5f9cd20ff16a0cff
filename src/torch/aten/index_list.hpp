// Indexing as PyTorch and NumPy have it: some axes of a tensor are given index tensors, which are broadcast
// together; truths stand for the places where they are true.
#pragma once

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

struct IndexList {
  std::vector<int64_t> axes;    // that are indexed, ascending
  std::vector<Value*> indices;  // one for each of these axes, i64 or i32
  std::vector<Shape> sizes;     // of the indices
  Shape common;                 // of the indices broadcast together
  int64_t rank = 0;             // of the tensor that is indexed
  Value* places = nullptr;      // i64[axes, n] when all indices come from one mask

  // Are the axes next to each other? Then what is found takes their place, else it stands first.
  bool adjacent() const;
  // Where the first of the result's axes stands that come from the indices.
  int64_t place() const { return adjacent() ? axes.front() : 0; }
  // The order that brings the axes that are indexed to the front, and the one that brings the axes of what is
  // found (`common` first) to where they belong.
  std::vector<int64_t> indexed_first() const;
  std::vector<int64_t> found_in_place() const;
};

// From the arguments `self` and `indices`; masks become the places where they are true.
IndexList index_list(Conversion& c);

// i64[common…, axes]: the places as GatherND and ScatterND want them.
Value* places_of(Conversion& c, const IndexList& list);

}  // namespace slipway::torch::aten
