// The actions that compute: nodes by fast kernels, by reference kernels, or by whichever takes what comes.
#pragma once

#include <memory>
#include <vector>

#include "engine/environment.hpp"
#include "engine/kernel.hpp"
#include "engine/program/step.hpp"
#include "ops/operator.hpp"

namespace slipway::engine {

// A kernel that was prepared for these shapes.
std::unique_ptr<const Action> run_kernel(std::unique_ptr<Kernel> kernel);

// The operator's reference kernel. What the node's bodies read from outside (`captured`) are further inputs
// of the step, behind the node's own. `keeps_inputs`: outputs may hold inputs, as sequences do.
std::unique_ptr<const Action> run_reference(const ops::Operator& definition,
                                            std::vector<const Value*> captured, bool keeps_inputs);

// A node whose shapes are known only when it runs: a kernel is prepared for those that come, and the last few
// are kept. `state`: the action's number in the frame.
std::unique_ptr<const Action> run_late(const ops::Operator& definition, WeightStore& weights, int threads,
                                       size_t state);

// The action after a check of what has come: of inputs whose types the plan does not know.
std::unique_ptr<const Action> check_types(const ops::Operator& definition,
                                          std::unique_ptr<const Action> action);

// The only input's value to the only output's slot.
std::unique_ptr<const Action> copy_value();

// The only input's elements under the dimensions of the only output's slot.
std::unique_ptr<const Action> view_value();

}  // namespace slipway::engine
