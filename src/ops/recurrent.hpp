// What RNN, GRU and LSTM have in common: sequences of different lengths run forwards, backwards or both ways
// through a cell, whose kind alone differs.
#pragma once

#include <span>

#include "ops/inference_context.hpp"
#include "ops/kernel_context.hpp"
#include "ops/recurrent_activation.hpp"

namespace slipway::ops {

// One direction's weights and settings, as a cell sees them at one time step. Units are the hidden ones.
struct CellStep {
  int64_t inputs, units, gates;
  const double* x;           // [inputs]
  const double* weights;     // [gates, units, inputs]
  const double* recurrence;  // [gates, units, units]
  const double* bias;        // [2, gates, units], of the weights and of the recurrence, or nullptr
  const double* peepholes;   // [3, units] or nullptr
  std::span<const RecurrentActivation> activations;
  double clip;
  bool linear_before_reset;
  bool input_forget;

  // What reaches a gate's unit from the input and from a hidden state, biases included.
  double from_input(int64_t gate, int64_t unit) const;
  double from_hidden(int64_t gate, int64_t unit, const double* hidden) const;
  double peephole(int64_t index, int64_t unit) const {
    return peepholes ? peepholes[index * units + unit] : 0;
  }
  // The activation of what a gate sums up, clipped.
  double activate(size_t activation, double x) const;
};

// What a sequence carries from step to step.
struct CellState {
  CountedVector<double> hidden;
  CountedVector<double> cell;  // LSTM's; the others leave it alone
};

struct CellKind {
  int64_t gates;
  bool has_cell;  // and peepholes: LSTM
  std::vector<std::string> activations;
  void (*step)(const CellStep& step, CellState& state);
};

// Inputs and outputs are in the standard's order: X, W, R, B, sequence_lens, initial_h, initial_c, P; Y, Y_h,
// Y_c.
void compute_recurrent(KernelContext& context, const CellKind& kind);
void infer_recurrent(InferenceContext& context, const CellKind& kind);

}  // namespace slipway::ops
