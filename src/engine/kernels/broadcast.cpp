#include "engine/kernels/broadcast.hpp"

namespace slipway::engine {
namespace {

// Enough for a thread to be worth waking.
constexpr int64_t kPieceElements = int64_t{16} * 1024;

}  // namespace

Broadcast::Broadcast(const Dims& out, std::span<const Dims> operands) {
  Places strides;
  strides.fill(1);
  for (size_t from_end = 1; from_end <= out.size(); ++from_end) {
    Axis axis{out[out.size() - from_end], {}};
    for (size_t i = 0; i < operands.size(); ++i) {
      const Dims& dims = operands[i];
      const int64_t size = from_end <= dims.size() ? dims[dims.size() - from_end] : 1;
      if (size != 1) axis.steps[i] = strides[i];
      strides[i] *= size;
    }
    if (axis.size != 1) add_axis(axis);
  }
  if (axes_.empty()) axes_.push_back({1, {}});
  for (size_t i = 1; i < axes_.size(); ++i) runs_ *= axes_[i].size;
  cuts_ = std::max<int64_t>(1, axes_[0].size / kPieceElements);
  runs_per_piece_ = std::max<int64_t>(1, kPieceElements / axes_[0].size);
}

// Neighbours are one where all operands go on evenly.
void Broadcast::add_axis(const Axis& axis) {
  const auto goes_on = [&](size_t i) { return axis.steps[i] == axes_.back().steps[i] * axes_.back().size; };
  bool all = !axes_.empty();
  for (size_t i = 0; i < kMostOperands; ++i) all = all && goes_on(i);
  if (all)
    axes_.back().size *= axis.size;
  else
    axes_.push_back(axis);
}

Broadcast::Run Broadcast::run_at(int64_t index, int64_t cut) const {
  const Axis& inner = axes_[0];
  const int64_t begin = inner.size * cut / cuts_, end = inner.size * (cut + 1) / cuts_;
  Run run{index * inner.size + begin, end - begin, {}, inner.steps};
  for (size_t i = 0; i < kMostOperands; ++i) run.places[i] = begin * inner.steps[i];
  for (size_t axis = 1; axis < axes_.size(); ++axis) {
    const int64_t place = index % axes_[axis].size;
    index /= axes_[axis].size;
    for (size_t i = 0; i < kMostOperands; ++i) run.places[i] += place * axes_[axis].steps[i];
  }
  return run;
}

}  // namespace slipway::engine
