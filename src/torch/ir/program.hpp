// A program as torch.export leaves it: ATen calls over tensors and sizes, its parameters, and what is said of
// its inputs and outputs. Whoever reads a file makes one (torch/exported_program.hpp); functionalise() takes
// views and in-place writes out of it; torch/aten/ makes ONNX of what remains.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.hpp"
#include "torch/ir/block.hpp"

namespace slipway::torch::ir {

// One for each of the block's inputs.
struct ProgramInput {
  enum class Kind : uint8_t { kUser, kParameter, kBuffer, kConstant };
  Kind kind = Kind::kUser;
  Value* value = nullptr;
  // kUser: what the user calls it, by the structure of forward()'s arguments: "x", "d.a", "xs.0".
  // Else the name in the state_dict: "layer1.0.conv1.weight".
  std::string name;
  Tensor tensor;           // of parameters, buffers and constants
  bool persistent = true;  // buffers: is it in the state_dict?
  // kUser: an argument that the program was specialised to ("a number", "None"): it is no input of the model.
  std::optional<Argument> specialised;
};

// One for each of the block's outputs.
struct ProgramOutput {
  enum class Kind : uint8_t { kUser, kBufferMutation, kInputMutation };
  Kind kind = Kind::kUser;
  // kUser: by the structure of what forward() returns: "logits", "0", "boxes.scores"; "" when it returns one
  // value. Else the buffer (or parameter) or the user's input of which this is the new content.
  std::string name;
};

struct Range {
  std::optional<int64_t> lowest, highest;
};

struct Program {
  std::string format;         // of the file: "PyTorch program (pt2 archive)"
  std::string torch_version;  // as the file states it: "2.13.0+cpu"
  std::string dialect;        // "TRAINING", "ATEN", "EDGE": what the file says of itself
  Block block;
  std::vector<ProgramInput> inputs;
  std::vector<ProgramOutput> outputs;
  std::map<std::string, Range, std::less<>> ranges;  // by symbol
  std::vector<std::string> guards;                   // Python expressions over the inputs
  // With which the program was traced: one for each of the user's inputs, those that it was specialised to
  // included; numbers as scalars, undefined for None and texts. Empty where the file has none.
  std::vector<Tensor> example_inputs;
};

}  // namespace slipway::torch::ir
