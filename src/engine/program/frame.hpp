// A plan that runs: what its slots hold, and what its actions remember. A frame serves one run after the
// other.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/cancellation.hpp"
#include "engine/buffer_pool.hpp"
#include "engine/kernel.hpp"
#include "engine/output_pool.hpp"
#include "engine/plan.hpp"
#include "ops/registry.hpp"
#include "tensor/runtime_value.hpp"

namespace slipway::engine {

class Frame {
 public:
  // The arena has plan->arena_bytes() or more; it belongs to this frame alone while it runs.
  Frame(std::shared_ptr<const Plan> plan, std::shared_ptr<Buffer> arena, OutputPool& outputs,
        const Environment& environment);

  // One value per input of the graph; returns one per output, in memory that nobody else has.
  std::vector<RuntimeValue> run(std::span<const RuntimeValue> inputs, const Cancellation& cancellation);

  const std::shared_ptr<const Plan>& plan() const { return plan_; }
  const Slot& slot(size_t index) const { return plan_->slots()[index]; }
  ThreadPool& pool() const { return environment_.pool(); }
  const ops::Registry& operators() const { return environment_.operators(); }
  const Cancellation& cancellation() const { return *cancellation_; }

  // --- for actions ---

  // What a slot holds; empty for kNoSlot.
  const RuntimeValue& value(size_t slot) const { return slot == kNoSlot ? kAbsent : values_[slot]; }
  // nullptr for kNoSlot. Throws kInvalidArgument when something else than a tensor is there.
  const Tensor* tensor(size_t slot) const { return slot == kNoSlot ? nullptr : &values_[slot].tensor(); }
  // Of a slot that is_placed().
  Tensor& placed(size_t slot) { return values_[slot].tensor(); }

  // A tensor for a step to write, in the slot's place or in memory of its own. Throws kInvalidModel when the
  // plan expects another one there.
  Tensor& make(size_t slot, DataType type, Dims dims);
  // Makes a slot hold a value: shares its memory, or copies its elements where the slot, or the value, has a
  // place in the arena. Throws kInvalidModel when the plan expects another one.
  void assign(size_t slot, RuntimeValue value);
  // Makes a slot of the kind kView hold another's elements.
  void view(size_t to, size_t from);
  // Two slots of the same place change what they hold.
  void swap(size_t a, size_t b) { std::swap(values_[a], values_[b]); }
  // What a dynamic slot holds, which is then empty.
  RuntimeValue take(size_t slot) { return std::exchange(values_[slot], RuntimeValue()); }
  void release(size_t slot) { values_[slot] = RuntimeValue(); }

  // A tensor in memory of its own.
  Tensor allocate(DataType type, Dims dims);
  // Does the tensor lie where a later step may write?
  bool is_in_arena(const Tensor& tensor) const { return tensor.buffer() == arena_; }
  // The memory of the plan's scratch; `bytes` of it where an action that was bound late needs more.
  std::byte* scratch() const { return static_cast<std::byte*>(arena_->data()) + plan_->scratch_offset(); }
  std::byte* late_scratch(size_t bytes);

  void run_kernel(const Kernel& kernel, const Step& step, std::byte* scratch);

  // What the action of this number remembers; a new State the first time.
  template <typename State>
  State& state(size_t number) {
    auto& state = states_[number];
    if (!state) state = std::make_unique<State>();
    return static_cast<State&>(*state);
  }

 private:
  void begin(std::span<const RuntimeValue> inputs);
  void execute();
  std::vector<RuntimeValue> take_outputs();
  void clear();
  void check_expected(size_t slot, DataType type, const Dims& dims) const;

  static const RuntimeValue kAbsent;

  std::shared_ptr<const Plan> plan_;
  std::shared_ptr<Buffer> arena_;
  std::shared_ptr<Buffer> late_scratch_;
  OutputPool& pool_of_outputs_;
  BufferPool pool_of_values_;
  const Environment& environment_;
  const Cancellation* cancellation_ = nullptr;
  std::vector<RuntimeValue> values_;
  std::vector<std::unique_ptr<ActionState>> states_;
  // Of the kernel that is running: kept, so that a step allocates nothing.
  std::vector<const Tensor*> kernel_inputs_;
  std::vector<Tensor*> kernel_outputs_;
};

}  // namespace slipway::engine
