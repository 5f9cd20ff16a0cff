// From a `.pt2` file to a model: read, made functional, converted.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "graph/model.hpp"
#include "torch/load_weights.hpp"

namespace slipway::torch {

struct ImportOptions {
  // Names and numbers for the sizes that the program leaves open, by input (ir/input_sizes.hpp).
  std::vector<std::pair<std::string, Shape>> input_sizes;
  // Weights in place of the file's own, "" for these.
  std::filesystem::path weights;
  WeightNames weight_names;
  // Targets that stay nodes of another domain: "mylib.my_add" → "my.domain:MyAdd".
  std::map<std::string, std::string, std::less<>> custom_operators;
};

struct ImportedProgram {
  // Of the newest operator set, just as the program's calls are.
  Model model;
  // With which the program was traced: contiguous, one for each of the model's first inputs, those that the
  // user gives. Empty where the file has none.
  std::vector<Tensor> examples;
  // What the tracer decided by sizes that the model cannot say (ir/program_sizes.hpp).
  std::vector<std::string> unchecked_guards;
};

// Errors carry the path: what read_exported_program, functionalise, load_weights and convert_program throw.
ImportedProgram import_program(const std::filesystem::path& path, const ImportOptions& options = {});

}  // namespace slipway::torch
