// Test cases as the ONNX standard ships them, found on disk.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace slipway::workbench {

// Files of one run: inputs and expected outputs in the model's order.
struct TestDataSet {
  std::string name;
  std::vector<std::filesystem::path> inputs;
  std::vector<std::filesystem::path> outputs;
};

struct TestCase {
  std::string name;
  std::filesystem::path model;
  std::vector<TestDataSet> data_sets;
  // |got - expected| ≤ absolute + relative · |expected|. These are the bounds of onnx's own runner; a case
  // may state others in data.json.
  double relative = 1e-3;
  double absolute = 1e-7;
  // The light models have no input files: onnx's runner feeds them 0, 1/n, 2/n …
  bool counts_up = false;
};

// Below `path`, in order of their names: folders that hold a model.onnx beside test_data_set_* folders with
// input_*.pb and output_*.pb; and models X.onnx beside X_output_0.pb, …, the layout of the light models.
// Throws kNotFound when there is none, kInvalidArgument when data.json cannot be understood.
std::vector<TestCase> find_test_cases(const std::filesystem::path& path);

}  // namespace slipway::workbench
