#include "base/error.hpp"
#include "engine/program/repeats.hpp"
#include "ops/body.hpp"

namespace slipway::engine {
namespace {

struct SequenceMapState : ActionState {
  size_t round = 0;
  std::vector<Sequence> results;
};

class SequenceMap : public Repeat {
 public:
  SequenceMap(SequenceMapSlots slots, size_t state) : slots_(std::move(slots)), state_(state) {}

  bool begin(Frame& frame) const override {
    auto& state = frame.state<SequenceMapState>(state_);
    state.round = 0;
    state.results.assign(slots_.results.size(), Sequence());
    const size_t length = length_of(frame);
    for (size_t i = 1; i < slots_.inputs.size(); ++i) {
      const RuntimeValue& value = frame.value(slots_.inputs[i]);
      if (value.is_sequence() && value.sequence().size() != length)
        fail(ErrorCode::kInvalidArgument, "input {} is a sequence of {}, but input 0 has {} elements", i,
             value.sequence().size(), length);
    }
    return enter(frame, state);
  }

  bool next(Frame& frame) const override {
    auto& state = frame.state<SequenceMapState>(state_);
    for (size_t i = 0; i < slots_.results.size(); ++i) {
      const RuntimeValue& result = frame.value(slots_.results[i]);
      ops::check_mapped(result, i);
      const bool is_overwritten = result.is_tensor() && frame.is_in_arena(result.tensor());
      state.results[i].push_back(is_overwritten ? RuntimeValue(result.tensor().clone()) : result);
    }
    ++state.round;
    return enter(frame, state);
  }

  void end(Frame& frame, ops::KernelContext& context) const override {
    auto& state = frame.state<SequenceMapState>(state_);
    for (size_t i = 0; i < state.results.size(); ++i) context.set_output(i, std::move(state.results[i]));
  }

 private:
  size_t length_of(const Frame& frame) const { return frame.value(slots_.inputs[0]).sequence().size(); }

  bool enter(Frame& frame, const SequenceMapState& state) const {
    if (state.round >= length_of(frame)) return false;
    for (size_t i = 0; i < slots_.inputs.size(); ++i) {
      const RuntimeValue& value = frame.value(slots_.inputs[i]);
      frame.assign(slots_.elements[i], value.is_sequence() ? value.sequence()[state.round] : value);
    }
    return true;
  }

  SequenceMapSlots slots_;
  size_t state_;
};

}  // namespace

std::shared_ptr<const Repeat> make_sequence_map(SequenceMapSlots slots, size_t state) {
  return std::make_shared<SequenceMap>(std::move(slots), state);
}

}  // namespace slipway::engine
