// What the inputs and outputs of an exported program's graph mean: "GraphSignature" in PyTorch's schema.
#pragma once

#include <string>
#include <vector>

#include "torch/ir/program.hpp"
#include "torch/json.hpp"
#include "torch/program/archive.hpp"

namespace slipway::torch {

// The names of the graph's inputs, in their order. (Of inputs that the program was specialised to, only the
// signature knows them.)
std::vector<std::string> read_input_names(const Json& signature);

// Fills the program's inputs and outputs, one for each of the block's, with the archive's tensors; tokens and
// custom objects are no inputs any more. `structure` is the signature of the whole module's call, or nullptr:
// it names what the user passes and gets. Throws kInvalidModel where signature, graph and tensors contradict
// each other; kUnsupported for the outputs of programs that compute gradients.
void read_signature(const Json& signature, const Json* structure, const Json* named_tuples,
                    const ProgramArchive& archive, ir::Program& program);

}  // namespace slipway::torch
