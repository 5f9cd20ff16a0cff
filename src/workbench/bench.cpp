#include "workbench/bench.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "backends/model_source.hpp"
#include "base/error.hpp"
#include "base/thread_pool.hpp"
#include "workbench/peak_memory.hpp"
#include "workbench/random_inputs.hpp"

namespace slipway::workbench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kAutomaticMs = 2000;
constexpr int kLeastRuns = 10;
constexpr int kMostRuns = 10000;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double time_run(backends::Executable& executable, const std::vector<RuntimeValue>& inputs,
                const BenchOptions& options) {
  const auto start = Clock::now();
  const auto outputs = executable.run(inputs, options.cancellation);
  return milliseconds_since(start);
}

// Sorted. Without a number, runs go on for two seconds.
std::vector<double> time_runs(backends::Executable& executable, const std::vector<RuntimeValue>& inputs,
                              const BenchOptions& options) {
  Progress progress = options.progress;
  const double warm_up = time_run(executable, inputs, options);
  int runs = options.runs;
  if (runs <= 0)
    runs =
        static_cast<int>(std::clamp<double>(kAutomaticMs / std::max(warm_up, 1e-3), kLeastRuns, kMostRuns));
  progress.begin("timed runs", static_cast<uint64_t>(runs));
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    times.push_back(time_run(executable, inputs, options));
    progress.advance();
  }
  std::sort(times.begin(), times.end());
  return times;
}

double median_of(const std::vector<double>& sorted) {
  const size_t middle = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double percentile_of(const std::vector<double>& sorted, double percent) {
  const auto rank = static_cast<size_t>(std::ceil(percent / 100 * static_cast<double>(sorted.size()) - 1e-9));
  return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace

BenchResult bench(const std::filesystem::path& model, const backends::Backend& backend,
                  const BenchOptions& options) {
  BenchResult result;
  Progress progress = options.progress;
  progress.begin("loading the model");
  result.backend = backend.name();
  result.version = backend.version(options.compile);
  result.threads = options.compile.threads > 0 ? options.compile.threads : available_processors();

  const auto start = Clock::now();
  const MemoryScope scope(options.compile.memory);
  const backends::ModelSource source = backends::open_model(model);
  const auto executable = backend.compile(source, options.compile);
  result.load_ms = milliseconds_since(start);

  const auto inputs =
      make_inputs(*source.model, executable->inputs(), options.shapes, options.inputs, options.seed);
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].is_tensor())
      result.inputs.emplace_back(executable->inputs()[i].name, inputs[i].tensor().describe());

  progress.begin("first run");
  result.first_ms = time_run(*executable, inputs, options);
  const auto times = time_runs(*executable, inputs, options);
  result.runs = static_cast<int>(times.size());
  result.min_ms = times.front();
  result.median_ms = median_of(times);
  result.p99_ms = percentile_of(times, 99);
  result.peak_rss_mb = static_cast<double>(peak_resident_bytes()) / (1 << 20);
  return result;
}

}  // namespace slipway::workbench
