// A graph of nodes that a rule makes, run by Scan for every slice of a tensor.
#pragma once

#include <memory>

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// Inputs are the states and then the slices, outputs the new states and then what is collected, in the order
// in which they are added. Nodes may take values of the graph outside.
struct Body {
  std::unique_ptr<Graph> graph = std::make_unique<Graph>("step");

  Value* input(const char* name, DataType type);
  std::vector<Value*> emit_several(const char* op_type, std::vector<Value*> inputs, size_t output_count,
                                   const Attributes& attributes = {});
  Value* emit(const char* op_type, std::vector<Value*> inputs, const Attributes& attributes = {});
  void output(Value* value);
};

struct Scanning {
  int64_t axis = 0;  // of all that is scanned and collected
  bool backwards = false;
};

// `inputs` are the first states and then the tensors to be scanned; returns the last states and then what was
// collected.
std::vector<Value*> scan(Conversion& c, Body body, std::vector<Value*> inputs, size_t states,
                         const Scanning& scanning);

}  // namespace slipway::torch::aten
