// Picks the kernel for a request.
#pragma once

#include <memory>

#include "engine/kernel.hpp"

namespace slipway::engine {

// The fast kernel of a whole node, region kernels included; nullptr: the reference kernel shall do it, as it
// does for tensors without elements.
std::unique_ptr<Kernel> choose_kernel(const KernelRequest& request);

}  // namespace slipway::engine
