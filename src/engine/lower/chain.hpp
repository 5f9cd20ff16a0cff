// Which operations run depth-first, as one step.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/lower/operation.hpp"
#include "engine/region_kernel.hpp"

namespace slipway::engine {

// The request that an operation makes of a kernel; nothing when its shapes are not known.
using RequestFor = std::function<std::optional<KernelRequest>(const Operation&)>;

// The stages of the longest chain that begins with the first operation and that is worth running as one;
// empty when there is none of at least two.
std::vector<std::unique_ptr<RegionKernel>> find_chain(std::span<const Operation> operations,
                                                      const RequestFor& request_for);

}  // namespace slipway::engine
