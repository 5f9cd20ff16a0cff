// Which instruction set the kernels use. The best of the machine, unless SLIPWAY_ISA names a lower one:
// "avx3" (AVX-512), "avx2", "sse4", "ssse3", "neon" or "scalar".
#pragma once

#include <string>
#include <vector>

namespace slipway::engine {

// Reads SLIPWAY_ISA once per process. Throws kInvalidArgument for a name that does not exist or that this
// machine does not have, listing those that it has.
void apply_isa_from_environment();

// The names of what this machine has, best first, and the one in use.
std::vector<std::string> available_isas();
std::string current_isa();

}  // namespace slipway::engine
