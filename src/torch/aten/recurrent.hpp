// One layer of a recurrent network as ONNX has it: gates in another order, the weights of both directions and
// both biases in one tensor.
#pragma once

#include <span>

#include "torch/aten/normalization.hpp"

namespace slipway::torch::aten {

struct RecurrentKind {
  const char* op_type;
  // For each gate of ONNX's, which one of PyTorch's it is.
  std::span<const int64_t> gates;
  size_t states;           // hidden, and the LSTM's cell
  const char* activation;  // of a plain layer, where it is not ONNX's default
};
extern const RecurrentKind kLstm, kGru, kRnnTanh, kRnnRelu;

// Lists hold a value for each direction; biases may be empty, states nullptr: zeros.
struct RecurrentLayer {
  Value* input;  // [tokens, batch, size]
  int64_t hidden;
  std::vector<Value*> input_weights, hidden_weights, input_biases, hidden_biases;
  std::vector<Value*> states;  // [directions, batch, hidden] each
};

// The node's outputs: [tokens, directions, batch, hidden], and the states after the last token.
std::vector<Value*> emit_layer(Conversion& c, const RecurrentKind& kind, const RecurrentLayer& layer);

// An LSTM whose hidden state is multiplied by a matrix ([size, hidden], one for each direction) after every
// step. ONNX's has none, so it is a Scan; what depends on no step before is one product in front of it.
// Returns [tokens, batch, directions·size] and the states after the last token.
std::vector<Value*> emit_projected_layer(Conversion& c, const RecurrentLayer& layer,
                                         const std::vector<Value*>& projections);

}  // namespace slipway::torch::aten
