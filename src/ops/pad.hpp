// Pad: more elements at the ends of axes (constant, reflected, repeated edge or wrapped around), or fewer
// where a pad is negative.
#pragma once

#include <vector>

#include "graph/node.hpp"
#include "tensor/tensor.hpp"

namespace slipway::ops {

inline constexpr int64_t kPadFill = -1;
using PadSources = CountedVector<int64_t>;

// For each axis, for each place of the output along it: the input's place that it takes its elements from, or
// kPadFill. `axes` may be absent. Throws kInvalidArgument, kInvalidModel or kOutOfMemory for pads that are
// none.
std::vector<PadSources> pad_sources(const Node& node, const Dims& dims, const Tensor& pads,
                                    const Tensor* axes);

}  // namespace slipway::ops
