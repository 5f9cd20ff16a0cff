#include <optional>

#include "engine/program/repeats.hpp"
#include "ops/body.hpp"

namespace slipway::engine {
namespace {

struct LoopState : ActionState {
  int64_t round = 0;
  std::optional<int64_t> trips;  // nothing: no limit
  std::vector<RowCollector> rows;
};

class Loop : public Repeat {
 public:
  Loop(const ops::LoopForm& form, LoopSlots slots, size_t state)
      : form_(form), slots_(std::move(slots)), state_(state) {}

  bool begin(Frame& frame) const override {
    auto& state = frame.state<LoopState>(state_);
    state.round = 0;
    state.trips.reset();
    if (slots_.trip_count != kNoSlot) state.trips = ops::read_trip_count(*frame.tensor(slots_.trip_count));
    const bool condition = !is_watched() || ops::read_condition(*frame.tensor(slots_.condition));
    ops::require_end(form_, state.trips.has_value(), is_watched(), condition);
    state.rows.resize(slots_.rows.size());
    // A loop that may end early may state any number of rounds.
    for (RowCollector& rows : state.rows) rows.begin(is_watched() ? std::nullopt : state.trips);
    return enter(frame, state, condition);
  }

  bool next(Frame& frame) const override {
    auto& state = frame.state<LoopState>(state_);
    for (size_t i = 0; i < state.rows.size(); ++i) state.rows[i].add(frame, slots_.rows[i]);
    // Without the node's condition, what the body says of it does not count.
    const bool condition = ops::read_condition(*frame.tensor(slots_.next_condition)) || !is_watched();
    for (const Carried& carried : slots_.carried) frame.swap(carried.in, carried.out);
    ++state.round;
    return enter(frame, state, condition);
  }

  void end(Frame& frame, ops::KernelContext& context) const override {
    auto& state = frame.state<LoopState>(state_);
    for (size_t i = 0; i < state.rows.size(); ++i) state.rows[i].end(context, slots_.rows[i]);
  }

 private:
  bool is_watched() const { return slots_.condition != kNoSlot; }

  bool enter(Frame& frame, const LoopState& state, bool condition) const {
    if (!condition || (state.trips && state.round >= *state.trips)) return false;
    frame.placed(slots_.round).data<int64_t>()[0] = state.round;
    frame.placed(slots_.body_condition).data<bool>()[0] = condition;
    return true;
  }

  ops::LoopForm form_;
  LoopSlots slots_;
  size_t state_;
};

}  // namespace

std::shared_ptr<const Repeat> make_loop(const ops::LoopForm& form, LoopSlots slots, size_t state) {
  return std::make_shared<Loop>(form, std::move(slots), state);
}

}  // namespace slipway::engine
