#include "engine/program/actions.hpp"

#include "base/error.hpp"
#include "engine/program/frame.hpp"
#include "engine/program/step_context.hpp"

namespace slipway::engine {
namespace {

class KernelAction : public Action {
 public:
  explicit KernelAction(std::unique_ptr<Kernel> kernel) : kernel_(std::move(kernel)) {}
  size_t run(Frame& frame, const Step& step) const override {
    frame.run_kernel(*kernel_, step, frame.scratch());
    return kNextStep;
  }
  size_t scratch_bytes(int workers) const override { return kernel_->scratch_bytes(workers); }
  const Kernel* kernel() const override { return kernel_.get(); }

 private:
  std::unique_ptr<Kernel> kernel_;
};

class ReferenceAction : public Action {
 public:
  ReferenceAction(const ops::Operator& definition, std::vector<const Value*> captured, bool keeps_inputs)
      : definition_(definition), captured_(std::move(captured)), keeps_inputs_(keeps_inputs) {}

  size_t run(Frame& frame, const Step& step) const override {
    StepContext context(frame, step, captured_, keeps_inputs_);
    definition_.compute(context);
    return kNextStep;
  }

 private:
  const ops::Operator& definition_;
  std::vector<const Value*> captured_;
  bool keeps_inputs_;
};

class CheckingAction : public Action {
 public:
  CheckingAction(const ops::Operator& definition, std::unique_ptr<const Action> action)
      : definition_(definition), action_(std::move(action)) {}

  size_t run(Frame& frame, const Step& step) const override {
    ops::check_run(definition_, *step.node,
                   [&](size_t i) -> const RuntimeValue& { return frame.value(step.inputs[i]); });
    return action_->run(frame, step);
  }

 private:
  const ops::Operator& definition_;
  std::unique_ptr<const Action> action_;
};

class CopyAction : public Action {
 public:
  size_t run(Frame& frame, const Step& step) const override {
    const size_t from = step.inputs[0], to = step.outputs[0];
    const bool moves =
        from != kNoSlot && frame.slot(from).place == Slot::Place::kDynamic && step.is_last_use(from);
    frame.assign(to, moves ? frame.take(from) : frame.value(from));
    return kNextStep;
  }
};

class ViewAction : public Action {
 public:
  size_t run(Frame& frame, const Step& step) const override {
    frame.view(step.outputs[0], step.inputs[0]);
    return kNextStep;
  }
};

}  // namespace

std::unique_ptr<const Action> run_kernel(std::unique_ptr<Kernel> kernel) {
  return std::make_unique<KernelAction>(std::move(kernel));
}

std::unique_ptr<const Action> run_reference(const ops::Operator& definition,
                                            std::vector<const Value*> captured, bool keeps_inputs) {
  return std::make_unique<ReferenceAction>(definition, std::move(captured), keeps_inputs);
}

std::unique_ptr<const Action> check_types(const ops::Operator& definition,
                                          std::unique_ptr<const Action> action) {
  return std::make_unique<CheckingAction>(definition, std::move(action));
}

std::unique_ptr<const Action> copy_value() {
  return std::make_unique<CopyAction>();
}

std::unique_ptr<const Action> view_value() {
  return std::make_unique<ViewAction>();
}

}  // namespace slipway::engine
