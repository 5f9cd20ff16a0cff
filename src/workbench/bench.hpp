// How fast a model is on a backend.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backends/backend.hpp"
#include "base/progress.hpp"
#include "workbench/random_inputs.hpp"

namespace slipway::workbench {

struct BenchOptions {
  backends::CompileOptions compile;
  // Sizes by input name; see input_shapes.hpp for inputs that are not here.
  InputShapes shapes;
  // Values by input name, instead of random ones.
  InputValues inputs;
  // Timed runs; 0: as many as two seconds hold, at least 10 and at most 10,000.
  int runs = 0;
  uint64_t seed = 1;
  Cancellation cancellation;  // of all runs
  Progress progress;
};

struct BenchResult {
  std::string backend;
  std::string version;
  int threads = 0;
  int runs = 0;
  double load_ms = 0;   // from the path to a model that is ready to run
  double first_ms = 0;  // the first run
  // Of the timed runs, which come after the first and one more.
  double min_ms = 0;
  double median_ms = 0;
  double p99_ms = 0;       // the smallest time that 99% of the runs do not exceed
  double peak_rss_mb = 0;  // of this process, in units of 2^20 bytes
  std::vector<std::pair<std::string, std::string>> inputs;  // name and "f32[1,3,224,224]"
};

// Loads the model and runs it. Throws kInvalidArgument naming the input for which neither the options nor the
// model state sizes, and what loading and running throw.
BenchResult bench(const std::filesystem::path& model, const backends::Backend& backend,
                  const BenchOptions& options);

}  // namespace slipway::workbench
