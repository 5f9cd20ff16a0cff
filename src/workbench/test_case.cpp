#include "workbench/test_case.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace slipway::workbench {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

// prefix0.pb, prefix1.pb, … as far as they go.
std::vector<fs::path> numbered(const fs::path& folder, const std::string& prefix) {
  std::vector<fs::path> files;
  for (;;) {
    fs::path next = folder / (prefix + std::to_string(files.size()) + ".pb");
    if (!fs::exists(next)) return files;
    files.push_back(std::move(next));
  }
}

void read_bounds(const fs::path& file, TestCase& test) {
  if (!fs::exists(file)) return;
  std::ifstream stream(file);
  const auto json = nlohmann::json::parse(stream, nullptr, false);
  if (!json.is_object()) fail(ErrorCode::kInvalidArgument, "'{}' is no JSON object", file.string());
  const auto bound = [&](const char* key, double otherwise) {
    const auto found = json.find(key);
    if (found == json.end()) return otherwise;
    if (!found->is_number()) fail(ErrorCode::kInvalidArgument, "'{}': '{}' is no number", file.string(), key);
    return found->get<double>();
  };
  test.relative = bound("rtol", test.relative);
  test.absolute = bound("atol", test.absolute);
}

TestCase folder_case(const fs::path& folder, const std::vector<fs::path>& entries) {
  TestCase test;
  test.name = folder.filename().string();
  test.model = folder / "model.onnx";
  read_bounds(folder / "data.json", test);
  for (const fs::path& entry : entries)
    if (fs::is_directory(entry) && entry.filename().string().starts_with("test_data_set"))
      test.data_sets.push_back(
          {entry.filename().string(), numbered(entry, "input_"), numbered(entry, "output_")});
  return test;
}

void find(const fs::path& folder, std::vector<TestCase>& found) {
  const std::vector<fs::path> entries = entries_of(folder);
  if (fs::exists(folder / "model.onnx")) return found.push_back(folder_case(folder, entries));
  for (const fs::path& entry : entries) {
    if (fs::is_directory(entry)) {
      find(entry, found);
    } else if (entry.extension() == ".onnx") {
      const std::string stem = entry.stem().string();
      auto outputs = numbered(folder, stem + "_output_");
      if (outputs.empty()) continue;
      TestCase test;
      test.name = stem;
      test.model = entry;
      test.counts_up = true;
      test.data_sets.push_back({"0", {}, std::move(outputs)});
      found.push_back(std::move(test));
    }
  }
}

}  // namespace

std::vector<TestCase> find_test_cases(const fs::path& path) {
  if (!fs::is_directory(path)) fail(ErrorCode::kNotFound, "there is no folder '{}'", path.string());
  // "node/" is the folder "node".
  const fs::path folder = path.has_filename() ? path : path.parent_path();
  std::vector<TestCase> found;
  find(folder, found);
  if (found.empty())
    fail(ErrorCode::kNotFound,
         "no test cases below '{}': neither folders with model.onnx and test_data_set_*, nor models X.onnx "
         "beside X_output_0.pb",
         path.string());
  return found;
}

}  // namespace slipway::workbench
