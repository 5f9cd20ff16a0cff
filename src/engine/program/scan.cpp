#include "engine/program/repeats.hpp"
#include "ops/inference_context.hpp"
#include "ops/tensor_part.hpp"
#include "tensor/packed.hpp"

namespace slipway::engine {
namespace {

struct ScanState : ActionState {
  int64_t round = 0;
  int64_t length = 0;
  std::vector<RowCollector> rows;
};

class Scan : public Repeat {
 public:
  Scan(ops::ScanForm form, ScanSlots slots, size_t state)
      : form_(std::move(form)), slots_(std::move(slots)), state_(state) {}

  bool begin(Frame& frame) const override {
    auto& state = frame.state<ScanState>(state_);
    state.round = 0;
    Dim length;
    for (size_t i = 0; i < form_.scanned; ++i) {
      const Tensor& scanned = *frame.tensor(slots_.scanned[i]);
      ops::agree(length, scanned.dim(axis_of(scanned, i)));
    }
    state.length = length.value();
    state.rows.resize(slots_.rows.size());
    for (RowCollector& rows : state.rows) rows.begin(state.length);
    return enter(frame, state);
  }

  bool next(Frame& frame) const override {
    auto& state = frame.state<ScanState>(state_);
    for (size_t i = 0; i < state.rows.size(); ++i) state.rows[i].add(frame, slots_.rows[i]);
    for (const Carried& carried : slots_.carried) frame.swap(carried.in, carried.out);
    ++state.round;
    return enter(frame, state);
  }

  void end(Frame& frame, ops::KernelContext& context) const override {
    auto& state = frame.state<ScanState>(state_);
    for (size_t i = 0; i < state.rows.size(); ++i) state.rows[i].end(context, slots_.rows[i]);
  }

 private:
  size_t axis_of(const Tensor& scanned, size_t i) const {
    return ops::normalize_axis(form_.input_axes[i], scanned.rank());
  }

  bool enter(Frame& frame, const ScanState& state) const {
    if (state.round >= state.length) return false;
    for (size_t i = 0; i < form_.scanned; ++i) {
      const Tensor& scanned = *frame.tensor(slots_.scanned[i]);
      const size_t axis = axis_of(scanned, i);
      Dims dims = scanned.dims();
      dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
      Tensor& position = frame.make(slots_.positions[i], scanned.type(), std::move(dims));
      clear_padding(position);
      const bool from_the_end = form_.input_directions[i] == 1;
      ops::copy_part(scanned, axis, from_the_end ? state.length - 1 - state.round : state.round, 1, position);
    }
    return true;
  }

  ops::ScanForm form_;
  ScanSlots slots_;
  size_t state_;
};

}  // namespace

std::shared_ptr<const Repeat> make_scan(ops::ScanForm form, ScanSlots slots, size_t state) {
  return std::make_shared<Scan>(std::move(form), std::move(slots), state);
}

}  // namespace slipway::engine
