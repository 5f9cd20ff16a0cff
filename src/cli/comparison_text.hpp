// What a comparison found, as text for people.
#pragma once

#include <optional>
#include <string>

#include "workbench/compare/compare_models.hpp"

namespace slipway::cli {

// "2.4e-07", a part of the tensor's largest value; "-" for what was not compared.
std::string column(const std::optional<workbench::Deviation>& deviation);
// Where it is the largest, and what stands there in A and B.
std::string explain(const workbench::Deviation& deviation);
// "'x' ('x_1' in B)".
std::string names_of(const workbench::ComparedValue& value);
// Lines: that the models agree, or which nodes differ, and how.
std::string verdict(const workbench::Comparison& result);

}  // namespace slipway::cli
