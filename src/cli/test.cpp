// slipway test DIR…
#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "workbench/run_tests.hpp"

namespace slipway::cli {
namespace {

using workbench::TestCase;
using workbench::TestResult;
using workbench::Verdict;

struct TestArguments {
  std::vector<std::filesystem::path> folders;
  EngineOptions engine;
  std::string filter;
  int threads_each = 1;
  bool json = false;
};

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kDiffers:
      return "differs";
    case Verdict::kFailed:
      break;
  }
  return "failed";
}

std::vector<TestCase> find_cases(const TestArguments& options) {
  std::vector<TestCase> cases;
  for (const auto& folder : options.folders)
    for (TestCase& test : workbench::find_test_cases(folder))
      if (test.name.find(options.filter) != std::string::npos) cases.push_back(std::move(test));
  if (cases.empty()) fail(ErrorCode::kNotFound, "no test's name contains '{}'", options.filter);
  return cases;
}

constexpr const char* judged(const TestResult& result) {
  return result.by_distribution ? "by distribution" : "by value";
}

void print_text(const std::vector<TestCase>& cases, const std::vector<TestResult>& results, size_t failed) {
  for (size_t i = 0; i < cases.size(); ++i) {
    const TestResult& result = results[i];
    if (result.verdict != Verdict::kPassed)
      print(fmt::format("{} {}: {}\n", name_of(result.verdict), cases[i].name, printable(result.reason)));
    else if (result.by_distribution)
      print(fmt::format("passed {}: judged {}\n", cases[i].name, judged(result)));
  }
  print(fmt::format("{} passed, {} failed\n", cases.size() - failed, failed));
}

void print_results(const std::vector<TestCase>& cases, const std::vector<TestResult>& results,
                   size_t failed) {
  nlohmann::ordered_json tests = nlohmann::ordered_json::array();
  for (size_t i = 0; i < cases.size(); ++i)
    tests.push_back({{"name", cases[i].name},
                     {"model", cases[i].model.string()},
                     {"result", name_of(results[i].verdict)},
                     {"judged", judged(results[i])},
                     {"digest", fmt::format("{:016x}", results[i].digest)},
                     {"reason", results[i].reason}});
  print_json({{"passed", cases.size() - failed}, {"failed", failed}, {"tests", tests}});
}

void test(const TestArguments& options) {
  const std::vector<TestCase> cases = find_cases(options);
  const auto results = workbench::run_tests(cases, backends::find_backend(options.engine.backend),
                                            options.engine.with_custom_ops(), options.threads_each,
                                            [&] { return options.engine.cancellation(); });
  const auto failed = static_cast<size_t>(std::count_if(
      results.begin(), results.end(), [](const auto& result) { return result.verdict != Verdict::kPassed; }));
  options.json ? print_results(cases, results, failed) : print_text(cases, results, failed);
  if (failed > 0) throw Unsuccessful{};
}

}  // namespace

void add_test(CLI::App& program, Action& action) {
  auto options = std::make_shared<TestArguments>();
  auto* command = program.add_subcommand("test", "Run test cases of the ONNX standard's form");
  command->add_option("folders", options->folders, "Folders with test cases, at any depth")
      ->required()
      ->type_name("DIR");
  command->add_option("--filter", options->filter, "Only tests whose name contains this");
  add_engine_options(*command, options->engine);
  command
      ->add_option("--threads-each", options->threads_each,
                   "Threads of each test; --threads says how many run at once")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&action, options] { action = [options] { test(*options); }; });
}

}  // namespace slipway::cli
