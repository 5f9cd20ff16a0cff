// What recurrent cells make of the sums of their gates, many units at a time.
#pragma once

#include <array>
#include <cstdint>

namespace slipway::engine {

// GRU with linear_before_reset is one cell; without, the candidate's product waits for the reset gate, so
// there are two steps: kGruGates writes the update gate to `state` and the state as the reset gate leaves it
// to `hidden`, kGruCandidate reads the update gate from `state`.
enum class RecurrentCell : uint8_t { kRnn, kLstm, kGru, kGruGates, kGruCandidate };
enum class Squashing : uint8_t { kSigmoid, kTanh, kRelu };

// Gates are in the order of the standard. Sums lie in panels of units: [panel][gate][units of a panel].
struct CellStep {
  RecurrentCell cell;
  std::array<Squashing, 3> functions;
  int64_t panel_units;  // a multiple of row_product_lanes()
  int64_t first_panel, last_panel;
  int64_t units;  // those beyond are padding, which is computed but not written to `output`
};

// One sequence of the batch; the pointers are to unit 0.
struct CellRow {
  const float* from_input;   // sums
  const float* from_hidden;  // sums
  const float* before;       // the hidden state
  float* state;              // LSTM: the cell state, updated; GRU: see above
  float* hidden;             // the new hidden state; may be `before`
  float* output;             // once more, without padding; or nullptr
};

void step_cell(const CellStep& step, const CellRow& row);

}  // namespace slipway::engine
