// What a model file says, without running it and without touching its weights: only the pages of the file
// that hold the graph are read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/backend.hpp"
#include "workbench/input_shapes.hpp"

namespace slipway::workbench {

struct WeightCount {
  int64_t tensors = 0;
  int64_t elements = 0;
  uint64_t bytes = 0;
};

struct Report {
  std::filesystem::path path;
  uint64_t file_bytes = 0;  // of the .onnx itself, without external data
  int64_t ir_version = 0;
  std::string producer_name;
  std::string producer_version;
  std::string domain;
  int64_t model_version = 0;
  std::string graph_name;
  std::string doc_string;
  std::vector<std::pair<std::string, int64_t>> opsets;  // domain ("" is ai.onnx) and version
  std::vector<backends::Port> inputs;                   // those with defaults too, marked optional
  std::vector<backends::Port> outputs;
  int64_t node_count = 0;  // of the graph, the graphs within its nodes and the functions' bodies
  // "Conv", or "domain:Name" beyond ai.onnx, and how often; most frequent first.
  std::vector<std::pair<std::string, int64_t>> operators;
  // Those of them that a library brings, and its path.
  std::vector<std::pair<std::string, std::string>> custom_operators;
  int64_t function_count = 0;
  // Initializers and tensors in attributes, by element type and together.
  std::map<DataType, WeightCount> weights;
  WeightCount all_weights;
  std::vector<std::pair<std::string, std::string>> metadata;  // as in the file, the pipeline too
  std::optional<std::string> pipeline;                        // JSON, as in the file
  // Floating-point operations of one run, a multiply-add counted as two, of the operators for which somebody
  // counts them; the shapes that this holds for. When it is not known, the note says why.
  std::optional<double> flops;
  std::string flops_note;
  InputShapes shapes;
};

// `shapes`: sizes of inputs that the model leaves open, for counting (choose_shapes tells what else is used).
// `operators`: those of the standard and of libraries.
// Throws what reading the model throws, and kInvalidArgument for shapes that do not fit it.
Report inspect(const std::filesystem::path& path, const InputShapes& shapes = {},
               const ops::Registry& operators = ops::standard_operators());

}  // namespace slipway::workbench
