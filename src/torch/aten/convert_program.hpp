// PyTorch's programs as ONNX: every call by the rule that targets.txt names for it.
#pragma once

#include <map>
#include <string>

#include "graph/model.hpp"
#include "torch/ir/program.hpp"

namespace slipway::torch {

struct ConversionOptions {
  // Targets that stay nodes of another domain: "mylib.my_add" → "my.domain:MyAdd".
  std::map<std::string, std::string, std::less<>> custom_operators;
  // The name of the graph.
  std::string name = "main";
};

// The model, of the newest operator set. Inputs are the program's, tensors as the user names them; parameters
// are constants under the names of the state_dict, views of the program's tensors. A buffer (or input) that
// the program writes to is an input, its present content the default, and its new content is an output called
// "NAME.updated". Symbols of the program name the dimensions; what it says of them are conditions in the
// metadata (graph/size_conditions.hpp). Complex tensors, inputs and outputs too, are tensors of reals with
// one more axis, the last one: real and imaginary part. `program` must be functional (ir/functionalise.hpp).
// Throws kUnsupported with all that is not converted: which target, how often, where in the user's source;
// kInvalidModel for calls that contradict their schemas.
Model convert_program(const ir::Program& program, const ConversionOptions& options = {});

}  // namespace slipway::torch
