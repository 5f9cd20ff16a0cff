// The activation functions that RNN, GRU and LSTM take by name.
#pragma once

#include <vector>

#include "graph/node.hpp"

namespace slipway::ops {

struct RecurrentActivation {
  double (*function)(double x, double alpha, double beta);
  double alpha;
  double beta;
  double operator()(double x) const { return function(x, alpha, beta); }
};

// By the attributes activations, activation_alpha and activation_beta, which are used up in order by the
// functions that have such a number. `defaults` are the names for one direction; there are as many for each
// of the `directions`. Throws kInvalidModel for names that ONNX does not have, and for too few.
std::vector<RecurrentActivation> recurrent_activations(const Node& node, std::vector<std::string> defaults,
                                                       size_t directions);

}  // namespace slipway::ops
