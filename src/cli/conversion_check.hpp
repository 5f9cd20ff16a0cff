// What `slipway convert --check` prints.
#pragma once

#include <string>

#include "backends/backend.hpp"
#include "workbench/random_inputs.hpp"

namespace slipway::cli {

// Runs the program and what it was converted to on `inputs`, prints what was checked, and on failure which
// nodes make the difference. Throws Unsuccessful where the two do not agree.
void check_and_report(const backends::ModelSource& program, const backends::ModelSource& converted,
                      const workbench::InputValues& inputs, const backends::CompileOptions& options);

}  // namespace slipway::cli
