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

// The program as a model of the newest operator set, just as its calls are. Errors carry the path: what
// read_exported_program, functionalise, load_weights and convert_program throw.
Model import_program(const std::filesystem::path& path, const ImportOptions& options = {});

}  // namespace slipway::torch
