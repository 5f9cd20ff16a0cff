#include "engine/kernels/recurrent_cell.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/recurrent_cell.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/float_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {

HWY_INLINE FloatVector squash(Squashing function, FloatVector x) {
  switch (function) {
    case Squashing::kSigmoid:
      return sigmoid(x);
    case Squashing::kTanh:
      return tanh(x);
    case Squashing::kRelu:
      break;
  }
  return hn::IfThenElse(hn::Lt(x, constant(0.0f)), constant(0.0f), x);
}

// A vector of units: where its sums and its states are.
struct Units {
  const CellStep& step;
  const CellRow& row;
  int64_t sums;   // of gate 0
  int64_t place;  // in the states

  FloatVector from_input(int gate) const {
    return hn::LoadU(FloatTag(), row.from_input + sums + gate * step.panel_units);
  }
  FloatVector from_hidden(int gate) const {
    return hn::LoadU(FloatTag(), row.from_hidden + sums + gate * step.panel_units);
  }
  FloatVector gate(int gate, int function) const {
    return squash(step.functions[static_cast<size_t>(function)],
                  hn::Add(from_input(gate), from_hidden(gate)));
  }
  FloatVector before() const { return hn::LoadU(FloatTag(), row.before + place); }
  FloatVector state() const { return hn::LoadU(FloatTag(), row.state + place); }
  void set_state(FloatVector values) const { hn::StoreU(values, FloatTag(), row.state + place); }
};

HWY_INLINE FloatVector blend(FloatVector update, FloatVector candidate, FloatVector before) {
  return hn::MulAdd(update, before, hn::Mul(hn::Sub(constant(1.0f), update), candidate));
}

HWY_INLINE FloatVector rnn(const Units& u) {
  return u.gate(0, 0);
}

HWY_INLINE FloatVector lstm(const Units& u) {
  const FloatVector input = u.gate(0, 0), output = u.gate(1, 0), forget = u.gate(2, 0);
  const FloatVector cell = hn::MulAdd(forget, u.state(), hn::Mul(input, u.gate(3, 1)));
  u.set_state(cell);
  return hn::Mul(output, squash(u.step.functions[2], cell));
}

HWY_INLINE FloatVector gru(const Units& u) {
  const FloatVector update = u.gate(0, 0), reset = u.gate(1, 0);
  const FloatVector candidate =
      squash(u.step.functions[1], hn::MulAdd(reset, u.from_hidden(2), u.from_input(2)));
  return blend(update, candidate, u.before());
}

HWY_INLINE FloatVector gru_gates(const Units& u) {
  u.set_state(u.gate(0, 0));
  return hn::Mul(u.gate(1, 0), u.before());
}

HWY_INLINE FloatVector gru_candidate(const Units& u) {
  return blend(u.state(), u.gate(0, 1), u.before());
}

template <int kGates, typename Cell>
HWY_INLINE void for_units(const CellStep& step, const CellRow& row, Cell cell) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t panel = step.first_panel; panel < step.last_panel; ++panel)
    for (int64_t i = 0; i < step.panel_units; i += lanes) {
      const int64_t place = panel * step.panel_units + i;
      const FloatVector hidden = cell(Units{step, row, panel * kGates * step.panel_units + i, place});
      hn::StoreU(hidden, d, row.hidden + place);
      if (!row.output || place >= step.units) continue;
      if (place + lanes <= step.units)
        hn::StoreU(hidden, d, row.output + place);
      else
        store_part(hidden, row.output + place, step.units - place);
    }
}

void StepCell(const CellStep& step, const CellRow& row) {
  switch (step.cell) {
    case RecurrentCell::kRnn:
      return for_units<1>(step, row, [](const Units& u) HWY_ATTR { return rnn(u); });
    case RecurrentCell::kLstm:
      return for_units<4>(step, row, [](const Units& u) HWY_ATTR { return lstm(u); });
    case RecurrentCell::kGru:
      return for_units<3>(step, row, [](const Units& u) HWY_ATTR { return gru(u); });
    case RecurrentCell::kGruGates:
      return for_units<2>(step, row, [](const Units& u) HWY_ATTR { return gru_gates(u); });
    case RecurrentCell::kGruCandidate:
      return for_units<1>(step, row, [](const Units& u) HWY_ATTR { return gru_candidate(u); });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(StepCell);

void step_cell(const CellStep& step, const CellRow& row) {
  HWY_DYNAMIC_DISPATCH(StepCell)(step, row);
}

}  // namespace slipway::engine
#endif
