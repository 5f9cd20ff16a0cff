#include "engine/program/repeat.hpp"

#include "engine/program/step_context.hpp"

namespace slipway::engine {

size_t RepeatEnd::run(Frame& frame, const Step& step) const {
  StepContext context(frame, step);
  repeat_->end(frame, context);
  return kNextStep;
}

}  // namespace slipway::engine
