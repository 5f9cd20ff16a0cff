// Which instruction set the kernels use. The best of the machine, unless SLIPWAY_ISA names a lower one:
// "avx512bf16", "avx512vnni", "avx3" (AVX-512), "avxvnni", "avx2", "sse4", "ssse3", "neon" or "scalar". The
// two with VNNI are avx3 and avx2 with instructions that multiply bytes; avx512bf16 multiplies bf16 too.
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

// What Highway's targets do not tell.
bool has_avx512bf16();
bool has_avx512vnni();
bool has_avxvnni();

}  // namespace slipway::engine
