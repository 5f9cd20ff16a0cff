// Which kernels there are for which operator. Generated from engine/kernels/kernels.txt: a kernel is its file
// and one line there.
#pragma once

#include <memory>

#include "engine/kernel.hpp"
#include "engine/region_kernel.hpp"

namespace slipway::engine {

// Is there a fast kernel for the node's operator? It may still leave some types and shapes to the reference
// kernel.
bool has_kernel(const Node& node);
// Is there one that makes any rectangle of its output, so that it can be part of a chain?
bool has_region_kernel(const Node& node);
// Operators that only change dimensions: their output is their input's memory.
bool is_view(std::string_view op_type);
// May the operator's kernels take a residual and a clamp over? Lowering asks before it fuses.
bool takes_clamp(std::string_view op_type);
bool takes_residual(std::string_view op_type);

}  // namespace slipway::engine
