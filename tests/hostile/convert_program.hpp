// What a program does with an exported program that somebody sent: read it, look at it, make a model of it,
// write that.
#pragma once

#include <filesystem>

#include "graph/validate.hpp"
#include "hostile/read_elements.hpp"
#include "onnx/golden_models.hpp"
#include "onnx/opset/bring_to_opset.hpp"
#include "onnx/read_model.hpp"
#include "onnx/write_model.hpp"
#include "passes/passes.hpp"
#include "torch/exported_program.hpp"
#include "torch/import_program.hpp"
#include "torch/ir/print.hpp"

namespace slipway::hostile {

inline bool read_program(const std::filesystem::path& path) {
  const torch::ir::Program program = torch::read_exported_program(path);
  static_cast<void>(torch::ir::to_text(program));
  ElementReader elements;
  for (const auto& input : program.inputs) elements.read(input.tensor);
  for (const Tensor& example : program.example_inputs) elements.read(example);
  return true;
}

inline bool convert_program(const std::filesystem::path& path) {
  read_program(path);
  Model model = torch::import_program(path).model;
  passes::tidy(model, ops::standard_operators());
  validate(model);
  bring_to_opset(model, 20);
  read_model_bytes(testing::as_bytes(write_model_bytes(model)));
  return true;
}

}  // namespace slipway::hostile
