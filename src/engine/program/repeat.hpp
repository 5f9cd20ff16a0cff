// Bodies that run again and again, as three steps around the body's own: one begins, one stands behind the
// body and goes back to it, one ends. What differs between Loop, Scan and SequenceMap is a Repeat.
#pragma once

#include <memory>
#include <vector>

#include "engine/program/step.hpp"
#include "ops/kernel_context.hpp"

namespace slipway::engine {

// Loop, Scan or SequenceMap. Immutable; what it remembers of a run stands in the frame.
class Repeat {
 public:
  virtual ~Repeat() = default;
  // Makes the body's inputs for the first round; false: there is none.
  virtual bool begin(Frame& frame) const = 0;
  // After a round: makes the inputs for the next one; false: that was the last.
  virtual bool next(Frame& frame) const = 0;
  // Hands over what was collected, as outputs of the node.
  virtual void end(Frame& frame, ops::KernelContext& context) const = 0;
};

// A value that a body gets and makes again for its next round. The two slots change what they hold, so
// nothing is copied.
struct Carried {
  size_t in;
  size_t out;
};

// The three steps' actions. Their targets are step numbers.
class RepeatBegin : public Action {
 public:
  RepeatBegin(std::shared_ptr<const Repeat> repeat, size_t end) : repeat_(std::move(repeat)), end_(end) {}
  size_t run(Frame& frame, const Step&) const override { return repeat_->begin(frame) ? kNextStep : end_; }

 private:
  std::shared_ptr<const Repeat> repeat_;
  size_t end_;
};

class RepeatNext : public Action {
 public:
  RepeatNext(std::shared_ptr<const Repeat> repeat, size_t body) : repeat_(std::move(repeat)), body_(body) {}
  size_t run(Frame& frame, const Step&) const override { return repeat_->next(frame) ? body_ : kNextStep; }

 private:
  std::shared_ptr<const Repeat> repeat_;
  size_t body_;
};

class RepeatEnd : public Action {
 public:
  explicit RepeatEnd(std::shared_ptr<const Repeat> repeat) : repeat_(std::move(repeat)) {}
  size_t run(Frame& frame, const Step& step) const override;

 private:
  std::shared_ptr<const Repeat> repeat_;
};

}  // namespace slipway::engine
