// Steps that only say where to go on.
#pragma once

#include <memory>

#include "engine/program/step.hpp"

namespace slipway::engine {

// Goes on at `target`.
class Jump : public Action {
 public:
  size_t run(Frame&, const Step&) const override { return target; }
  size_t target = kNextStep;
};

// Goes on at `target` when the only input, a condition, is false.
class JumpUnless : public Action {
 public:
  size_t run(Frame& frame, const Step& step) const override;
  size_t target = kNextStep;
};

// Where ways part or meet: releases what is not needed on this one.
class Pass : public Action {
 public:
  size_t run(Frame&, const Step&) const override { return kNextStep; }
};

}  // namespace slipway::engine
