// How a Scan node and its body fit together.
#pragma once

#include <vector>

#include "graph/graph.hpp"
#include "tensor/dim.hpp"

namespace slipway::ops {

struct ScanForm {
  const Graph& body;
  size_t states;
  size_t scanned;
  size_t collected;
  std::vector<int64_t> input_axes;
  std::vector<int64_t> output_axes;
  std::vector<int64_t> input_directions;  // 1: from the end
  std::vector<int64_t> output_directions;
};

// Throws kInvalidModel when numbers of inputs, outputs, axes and directions do not match.
ScanForm scan_form(const Node& node);
// All scanned inputs have the same size along their axis: makes `length` what is known of it. Throws
// kInvalidModel.
void agree(Dim& length, const Dim& size);

}  // namespace slipway::ops
