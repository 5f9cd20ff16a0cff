// Runs a chain of region kernels depth-first: a column of tiles is swept from top to bottom, and each tile is
// carried through the whole chain before the next one is begun, so that what lies between the operators stays
// in the cache and memory does not grow with the image. Rows that the next tile needs again are kept, not
// computed anew.
//
// The idea is that of fused-layer accelerators (Alwani et al., 2016) and of Halide's sliding windows
// (Ragan-Kelley et al., 2013). Kernels compute each element the same way in any rectangle, so results depend
// neither on the tiles nor on the number of threads.
#pragma once

#include <memory>
#include <vector>

#include "engine/kernel.hpp"
#include "engine/region_kernel.hpp"

namespace slipway::engine {

// A kernel from input 0 of the first stage ([N, C, H, W], f32) to output 0 of the last. `batch` is N.
// nullptr if that takes memory out of all proportion.
std::unique_ptr<Kernel> make_depth_first(std::vector<std::unique_ptr<RegionKernel>> stages, int64_t batch);

}  // namespace slipway::engine
