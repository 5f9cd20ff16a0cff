// Working memory for pieces of work that run in parallel: a place for each worker, or for each piece where
// there are fewer pieces.
#pragma once

#include <algorithm>
#include <cstddef>

namespace slipway::engine {

struct ScratchPlaces {
  size_t pieces;
  size_t place_bytes;  // a multiple of 64

  size_t bytes(int workers) const { return std::min(static_cast<size_t>(workers), pieces) * place_bytes; }
  size_t offset(size_t piece, int worker, int workers) const {
    return (pieces <= static_cast<size_t>(workers) ? piece : static_cast<size_t>(worker)) * place_bytes;
  }
};

}  // namespace slipway::engine
