// What a reference kernel sees of a step: its inputs and outputs are the frame's slots.
#pragma once

#include <deque>

#include "engine/program/frame.hpp"
#include "ops/kernel_context.hpp"

namespace slipway::engine {

class StepContext : public ops::KernelContext {
 public:
  StepContext(Frame& frame, const Step& step, std::span<const Value* const> captured = {},
              bool keeps_inputs = false)
      : frame_(frame), step_(step), captured_(captured), keeps_inputs_(keeps_inputs) {}

  const Node& node() const override { return *step_.node; }
  const RuntimeValue& value(size_t index) const override;
  Tensor& make_output(size_t index, DataType type, Dims dims) override;
  Tensor allocate(DataType type, Dims dims) override { return frame_.allocate(type, std::move(dims)); }
  void set_output(size_t index, RuntimeValue value) override;
  Sequence take_sequence(size_t index) override;
  std::vector<RuntimeValue> run_subgraph(const Graph& body, std::span<const RuntimeValue> inputs) override;

 private:
  void require_place(size_t index) const;

  Frame& frame_;
  const Step& step_;
  std::span<const Value* const> captured_;
  // The kernel puts its inputs into a sequence: what lies in the arena would be overwritten there.
  bool keeps_inputs_;
  mutable std::deque<RuntimeValue> copies_;
  std::deque<Tensor> unwanted_;  // outputs that the kernel makes, but nobody reads
};

}  // namespace slipway::engine
