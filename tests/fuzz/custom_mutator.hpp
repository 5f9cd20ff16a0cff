// What a target's mutator makes of a file whose content it understands: model_mutator.cpp,
// content_mutator.cpp.
#pragma once

#include <string>

namespace slipway::fuzz {

// The same file with its content damaged; empty where the file is none of that kind.
std::string damaged(const std::string& file, unsigned seed);

}  // namespace slipway::fuzz
