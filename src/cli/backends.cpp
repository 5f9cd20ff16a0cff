// slipway backends
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/output.hpp"

namespace slipway::cli {
namespace {

struct BackendsArguments {
  backends::CompileOptions compile;
  bool json = false;
};

void list(const BackendsArguments& options) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string text;
  for (const backends::Backend* backend : backends::all_backends()) {
    const std::string name(backend->name());
    const std::string missing = backend->unavailable_reason(options.compile);
    nlohmann::ordered_json entry = {{"name", name}, {"available", missing.empty()}};
    if (missing.empty()) {
      const std::string version = backend->version(options.compile);
      entry["version"] = version;
      text += fmt::format("{:<12} {}\n", name, version);
    } else {
      entry["missing"] = missing;
      text += fmt::format("{:<12} not available: {}\n", name, missing);
    }
    list.push_back(entry);
  }
  options.json ? print_json(list) : print(text);
}

}  // namespace

void add_backends(CLI::App& program, Action& action) {
  auto options = std::make_shared<BackendsArguments>();
  auto* command = program.add_subcommand("backends", "List the engines that can run a model here");
  command->add_option("--onnxruntime", options->compile.library, "ONNX Runtime's library, or its folder");
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&action, options] { action = [options] { list(*options); }; });
}

}  // namespace slipway::cli
