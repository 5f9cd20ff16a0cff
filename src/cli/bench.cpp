// slipway bench MODEL
#include "workbench/bench.hpp"

#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/progress_bar.hpp"

namespace slipway::cli {
namespace {

using workbench::BenchResult;

constexpr int kMaxRuns = 1000000;

struct BenchArguments {
  std::filesystem::path model;
  std::vector<std::string> shapes;
  EngineOptions engine;
  int runs = 0;
  bool json = false;
};

nlohmann::ordered_json to_json(const BenchArguments& options, const BenchResult& result) {
  nlohmann::ordered_json shapes = nlohmann::ordered_json::object();
  for (const auto& [name, description] : result.inputs) shapes[name] = description;
  return {{"model", options.model.string()},
          {"backend", result.backend},
          {"backend_version", result.version},
          {"threads", result.threads},
          {"shapes", shapes},
          {"runs", result.runs},
          {"load_ms", result.load_ms},
          {"first_ms", result.first_ms},
          {"min_ms", result.min_ms},
          {"median_ms", result.median_ms},
          {"p99_ms", result.p99_ms},
          {"peak_rss_mb", result.peak_rss_mb}};
}

std::string to_text(const BenchResult& result) {
  std::string text = fmt::format("backend   {} {}, {} thread{}\n", result.backend, result.version,
                                 result.threads, result.threads == 1 ? "" : "s");
  for (const auto& [name, description] : result.inputs)
    text += fmt::format("input     {}: {}, random\n", printable(name), description);
  text += fmt::format("load      {:.2f} ms\nfirst run {:.2f} ms\n", result.load_ms, result.first_ms);
  text += fmt::format("{} runs{:>{}}min {:.3f} ms, median {:.3f} ms, p99 {:.3f} ms\n", result.runs, "",
                      std::max<int>(1, 5 - static_cast<int>(std::to_string(result.runs).size())),
                      result.min_ms, result.median_ms, result.p99_ms);
  return text + fmt::format("peak RSS  {:.1f} MB\n", result.peak_rss_mb);
}

void bench(const BenchArguments& options) {
  workbench::BenchOptions settings;
  settings.compile = options.engine.with_custom_ops();
  settings.shapes = parse_shapes(options.shapes);
  settings.runs = options.runs;
  settings.cancellation = options.engine.cancellation();
  BenchResult result;
  {
    const ProgressBar bar(settings.progress);
    result = workbench::bench(options.model, backends::find_backend(options.engine.backend), settings);
  }
  options.json ? print_json(to_json(options, result)) : print(to_text(result));
}

}  // namespace

void add_bench(CLI::App& program, Action& action) {
  auto options = std::make_shared<BenchArguments>();
  auto* command = program.add_subcommand("bench", "Measure how fast a model runs, with random inputs");
  command->add_option("model", options->model, "The .onnx file")->required()->type_name("MODEL");
  add_shape_option(*command, options->shapes);
  add_engine_options(*command, options->engine);
  command->add_option("--runs", options->runs, "How many timed runs (default: as many as two seconds hold)")
      ->check(CLI::Range(1, kMaxRuns));
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&action, options] { action = [options] { bench(*options); }; });
}

}  // namespace slipway::cli
