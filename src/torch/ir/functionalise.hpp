// Takes views and in-place writes out of a program: afterwards no call writes to what it is given, and it
// does not matter which tensors share memory. docs/design/functionalisation.md says how.
#pragma once

#include "torch/ir/program.hpp"

namespace slipway::torch::ir {

// Blocks that are only there to be run once (under no_grad, checkpoints) become part of the program; in-place
// calls become calls that make the new content, and reads afterwards see it; buffers, parameters and user
// inputs that are written to get an output each (kBufferMutation, kInputMutation) unless they have one; calls
// whose results nobody uses are removed. A program that writes to nothing keeps its calls. Throws
// kUnsupported, naming call and place, where it cannot be told what a write changes.
void functionalise(Program& program);

}  // namespace slipway::torch::ir
