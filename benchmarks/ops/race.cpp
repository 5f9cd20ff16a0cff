// slipway_race DIR THREADS: every test case below DIR on the native engine and on ONNX Runtime, in one
// process and through one interface, in turns. Prints one JSON object a line: name, and for each engine the
// least and the median milliseconds of a run, or why it cannot run.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "backends/model_source.hpp"
#include "base/error.hpp"
#include "workbench/run_tests.hpp"

namespace slipway {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 5;
constexpr double kRoundMs = 40;
// ONNX Runtime's threads go on spinning after a run, 35 ms have been seen; they must not take the other's
// processors.
constexpr std::chrono::milliseconds kPause(60);

struct Runner {
  const char* name;
  std::unique_ptr<backends::Executable> executable;
  std::vector<RuntimeValue> inputs;
  std::vector<double> times;
  std::string trouble;

  double run() {
    const auto start = Clock::now();
    executable->run(inputs);
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  }

  void prepare(const workbench::TestCase& test, int threads) {
    try {
      backends::CompileOptions options;
      options.threads = threads;
      executable = backends::find_backend(name).compile(backends::open_model(test.model), options);
      inputs = workbench::read_test_inputs(test, test.data_sets.at(0), executable->inputs());
      run();
    } catch (const std::exception& error) {
      trouble = error.what();
    }
  }

  void round() {
    std::this_thread::sleep_for(kPause);
    run();  // wakes the threads
    double spent = 0;
    do {
      times.push_back(run());
      spent += times.back();
    } while (spent < kRoundMs);
  }

  nlohmann::json report() {
    if (!trouble.empty()) return {{"error", trouble}};
    std::sort(times.begin(), times.end());
    return {{"min_ms", times.front()}, {"median_ms", times[times.size() / 2]}};
  }
};

void race(const workbench::TestCase& test, int threads) {
  Runner runners[] = {{"native", nullptr, {}, {}, {}}, {"onnxruntime", nullptr, {}, {}, {}}};
  for (Runner& runner : runners) runner.prepare(test, threads);
  for (int i = 0; i < kRounds; ++i)
    for (Runner& runner : runners)
      if (runner.trouble.empty()) runner.round();
  nlohmann::json line{{"name", test.name}, {"threads", threads}};
  for (Runner& runner : runners) line[runner.name] = runner.report();
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

}  // namespace
}  // namespace slipway

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: slipway_race DIR THREADS\n");
    return 2;
  }
  try {
    for (const auto& test : slipway::workbench::find_test_cases(argv[1]))
      slipway::race(test, std::atoi(argv[2]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "slipway_race: %s\n", error.what());
    return 1;
  }
  return 0;
}
