// Does a model that a program was converted to compute what the program says?
//
// The judge is the program as it was read, every call a node by itself: nothing folded, nothing optimised,
// the newest operator set. What is held against it are the outputs of the converted model as everybody runs
// it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backends/backend.hpp"
#include "workbench/compare/deviation.hpp"
#include "workbench/random_inputs.hpp"

namespace slipway::workbench {

struct CheckedOutput {
  std::string name, type;              // "f32[2,1000]", as it came
  std::string stated;                  // the type that the program states, when what came is none of this
  std::optional<Deviation> deviation;  // nothing where random numbers are drawn
};

// What one engine makes of the converted model.
struct CheckedEngine {
  std::string engine;  // "native 0.9.0"
  std::vector<CheckedOutput> outputs;
  std::string absent;   // not empty: the engine is not there, and what to install
  std::string failure;  // not empty: it does not run the model, and why

  bool agrees() const;
  // Of the outputs, as a part of a tensor's largest value.
  double largest() const;
};

struct ConversionCheck {
  Tolerance tolerance;  // as it was used: of the coarsest type that the program computes in
  bool draws = false;   // random numbers: types are compared alone
  std::vector<CheckedEngine> engines;

  bool agrees() const;
};

// `program` and `converted` have the same outputs, in this order, and `inputs` are theirs by name; those that
// are left out have defaults. Runs the program natively, unoptimised, and the converted model natively and in
// ONNX Runtime. Throws what running the program throws, inputs that do not fit it included.
ConversionCheck check_conversion(const backends::ModelSource& program, const backends::ModelSource& converted,
                                 const InputValues& inputs, const backends::CompileOptions& options);

}  // namespace slipway::workbench
