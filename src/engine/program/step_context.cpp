#include "engine/program/step_context.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "reference/interpreter.hpp"
#include "tensor/packed.hpp"

namespace slipway::engine {

void StepContext::require_place(size_t index) const {
  if (index >= step_.outputs.size())
    fail(ErrorCode::kInternal, "{} has {} outputs, but its kernel makes number {}", node().describe(),
         step_.outputs.size(), index);
}

const RuntimeValue& StepContext::value(size_t index) const {
  const RuntimeValue& value = frame_.value(step_.inputs[index]);
  if (!keeps_inputs_ || !value.is_tensor() || !frame_.is_in_arena(value.tensor())) return value;
  return copies_.emplace_back(value.tensor().clone());
}

Tensor& StepContext::make_output(size_t index, DataType type, Dims dims) {
  require_place(index);
  const size_t slot = step_.outputs[index];
  if (slot == kNoSlot) return unwanted_.emplace_back(frame_.allocate(type, std::move(dims)));
  return with_context([&] { return fmt::format("output {}", index); },
                      [&]() -> Tensor& {
                        Tensor& made = frame_.make(slot, type, std::move(dims));
                        clear_padding(made);
                        return made;
                      });
}

void StepContext::set_output(size_t index, RuntimeValue value) {
  require_place(index);
  const size_t slot = step_.outputs[index];
  if (slot == kNoSlot) return;
  with_context([&] { return fmt::format("output {}", index); },
               [&] { frame_.assign(slot, std::move(value)); });
}

Sequence StepContext::take_sequence(size_t index) {
  const size_t slot = step_.inputs[index];
  const bool is_read_twice = std::count(step_.inputs.begin(), step_.inputs.end(), slot) > 1;
  if (is_read_twice || !step_.is_last_use(slot)) return value(index).sequence();
  return frame_.take(slot).take_sequence();
}

std::vector<RuntimeValue> StepContext::run_subgraph(const Graph& body, std::span<const RuntimeValue> inputs) {
  reference::CapturedValues captured;
  for (size_t i = 0; i < captured_.size(); ++i)
    captured.emplace(captured_[i], frame_.value(step_.inputs[node().inputs().size() + i]));
  return reference::run_body(body, inputs, captured, frame_.operators(), frame_.cancellation());
}

}  // namespace slipway::engine
