#include "engine/program/branch.hpp"

#include "engine/program/frame.hpp"
#include "ops/body.hpp"

namespace slipway::engine {

size_t JumpUnless::run(Frame& frame, const Step& step) const {
  return ops::read_condition(*frame.tensor(step.inputs[0])) ? kNextStep : target;
}

}  // namespace slipway::engine
