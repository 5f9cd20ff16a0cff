// slipway check MODEL
#include "workbench/check.hpp"

#include <algorithm>

#include "cli/command.hpp"
#include "cli/output.hpp"

namespace slipway::cli {
namespace {

using workbench::Finding;

struct CheckArguments {
  std::filesystem::path model;
  EngineOptions engine;
  bool json = false;
};

std::string to_text(const CheckArguments& options, const std::vector<Finding>& findings, bool runs) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{}: {}{}{}\n", workbench::name_of(finding.kind), printable(finding.where),
                        finding.where.empty() ? "" : ": ", printable(finding.reason));
    text += fmt::format("  {}\n", finding.advice);
  }
  return text + fmt::format("{} on {}\n", runs ? "runs" : "does not run", options.engine.backend);
}

nlohmann::ordered_json to_json(const CheckArguments& options, const std::vector<Finding>& findings,
                               bool runs) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& finding : findings)
    list.push_back({{"kind", workbench::name_of(finding.kind)},
                    {"where", finding.where},
                    {"reason", finding.reason},
                    {"advice", finding.advice}});
  return {{"model", options.model.string()},
          {"backend", options.engine.backend},
          {"runs", runs},
          {"findings", list}};
}

void check(const CheckArguments& options) {
  const auto findings = workbench::check(options.model, backends::find_backend(options.engine.backend),
                                         options.engine.with_custom_ops());
  const bool runs = std::none_of(findings.begin(), findings.end(), workbench::is_fatal);
  options.json ? print_json(to_json(options, findings, runs)) : print(to_text(options, findings, runs));
  if (!runs) throw Unsuccessful{};
}

}  // namespace

void add_check(CLI::App& program, Action& action) {
  auto options = std::make_shared<CheckArguments>();
  auto* command =
      program.add_subcommand("check", "Say whether a model runs, what is missing and what is slow");
  command->add_option("model", options->model, "The .onnx file")->required()->type_name("MODEL");
  add_backend_option(*command, options->engine, "--for");
  add_memory_option(*command, options->engine);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&action, options] { action = [options] { check(*options); }; });
}

}  // namespace slipway::cli
