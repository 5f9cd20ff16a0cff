// slipway compare A [B]
#include <algorithm>

#include "backends/model_source.hpp"
#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/comparison_text.hpp"
#include "cli/output.hpp"
#include "cli/progress_bar.hpp"
#include "workbench/compare/compare_models.hpp"

namespace slipway::cli {
namespace {

using nlohmann::ordered_json;
using workbench::ComparedValue;
using workbench::Comparison;
using workbench::Deviation;
using workbench::Fault;
using workbench::Side;

struct CompareArguments {
  std::filesystem::path a, b;
  std::vector<std::string> inputs, shapes;
  EngineOptions engine;
  std::vector<std::string> backends{"native"};
  std::optional<double> relative;
  double absolute = workbench::Tolerance{}.absolute;
  uint64_t seed = 1;
  bool json = false;
};

std::pair<Side, Side> sides_of(const CompareArguments& options) {
  if (options.backends.size() > 2)
    throw UsageError(fmt::format("--backends takes one engine or two, not {}", options.backends.size()));
  if (options.b.empty() && options.backends.size() < 2)
    throw UsageError("compare takes two models, or one on two engines: --backends native,onnxruntime");
  const backends::CompileOptions compile = options.engine.with_custom_ops();
  const auto* of_a = &backends::find_backend(options.backends.front());
  const auto* of_b = &backends::find_backend(options.backends.back());
  const auto source_a = backends::open_model(options.a);
  const auto source_b = options.b.empty() ? source_a : backends::open_model(options.b);
  const std::filesystem::path& b = options.b.empty() ? options.a : options.b;
  return {{options.a.string(), source_a, of_a, compile}, {b.string(), source_b, of_b, compile}};
}

workbench::CompareOptions settings_of(const CompareArguments& options) {
  workbench::CompareOptions settings;
  try {
    for (const std::string& text : options.inputs)
      settings.files.push_back(workbench::parse_input_file(text));
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  settings.shapes = parse_shapes(options.shapes);
  settings.seed = options.seed;
  settings.tolerance = {options.relative, options.absolute};
  return settings;
}

// --- JSON ---

// Numbers that JSON lacks become null.
ordered_json number(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

ordered_json to_json(const std::optional<Deviation>& deviation) {
  if (!deviation) return nullptr;
  return {{"exceeds", deviation->exceeds},
          {"absolute", number(deviation->largest)},
          {"relative", number(deviation->relative())},
          {"largest_value", number(deviation->scale)},
          {"at", deviation->place},
          {"a", deviation->a},
          {"b", deviation->b},
          {"form", deviation->form}};
}

ordered_json to_json(const Comparison& result) {
  ordered_json inputs = ordered_json::object(), values = ordered_json::array(),
               faults = ordered_json::array();
  for (const auto& [name, description] : result.inputs) inputs[name] = description;
  for (const ComparedValue& value : result.values)
    values.push_back({{"a", value.a},
                      {"b", value.b},
                      {"node_a", value.node_a},
                      {"node_b", value.node_b},
                      {"type", value.type},
                      {"output", value.output},
                      {"own", to_json(value.own)},
                      {"accumulated", to_json(value.accumulated)}});
  for (const Fault& fault : result.faults)
    faults.push_back({{"a", result.values[fault.value].a},
                      {"b", result.values[fault.value].b},
                      {"nodes_a", fault.nodes_a},
                      {"nodes_b", fault.nodes_b},
                      {"from", fault.from},
                      {"differences", fault.differences},
                      {"failure", fault.failure}});
  ordered_json optimized = ordered_json::array();
  for (const auto& output : result.optimized)
    optimized.push_back({{"name", output.name}, {"a", to_json(output.a)}, {"b", to_json(output.b)}});
  const ComparedValue* first = result.first_difference();
  return {{"agrees", result.agrees()},
          {"inputs", inputs},
          {"random_inputs", result.random_inputs},
          {"tolerance", {{"relative", *result.tolerance.relative}, {"absolute", result.tolerance.absolute}}},
          {"nodes", {{"a", result.nodes_a}, {"b", result.nodes_b}}},
          {"matched", {{"a", result.matched_a}, {"b", result.matched_b}}},
          {"draws_random_numbers", result.draws},
          {"failure", result.failure},
          {"faults", faults},
          {"optimized_outputs", optimized},
          {"first_difference", first ? ordered_json(first->a) : ordered_json(nullptr)},
          {"values", values}};
}

// --- text ---

std::string side_text(const Side& side) {
  return fmt::format("{} on {} {}", printable(side.name), side.backend->name(),
                     printable(side.backend->version(side.compile)));
}

std::string head(const CompareArguments& options, const Side& a, const Side& b, const Comparison& result) {
  std::string text = fmt::format("A         {}\nB         {}\n", side_text(a), side_text(b));
  for (const auto& [name, description] : result.inputs)
    text += fmt::format("input     {}: {}{}\n", printable(name), description,
                        result.random_inputs ? fmt::format(", random (seed {})", options.seed) : "");
  text += fmt::format("matched   {} of {} nodes of A, {} of {} nodes of B\n", result.matched_a,
                      result.nodes_a, result.matched_b, result.nodes_b);
  return text + fmt::format("tolerance {} of a tensor's largest value, plus {}\n", *result.tolerance.relative,
                            result.tolerance.absolute);
}

std::string table(const Comparison& result) {
  std::string text = "\n         own  accumulated  tensor\n";
  for (const ComparedValue& value : result.values) {
    text += fmt::format("{} {:>10}  {:>11}  {} {}{}, {}\n", value.differs() ? "!" : " ", column(value.own),
                        column(value.accumulated), names_of(value), value.type,
                        value.output ? ", output" : "", printable(value.node_a));
    if (value.own && value.own->exceeds) text += fmt::format("{:27}own: {}\n", "", explain(*value.own));
    if (value.accumulated && value.accumulated->exceeds)
      text += fmt::format("{:27}accumulated: {}\n", "", explain(*value.accumulated));
  }
  return text;
}

// Outputs of the models run as a whole: where they are as they should be, a line.
std::string optimized_text(const Comparison& result) {
  std::string text;
  for (const auto& output : result.optimized) {
    text += fmt::format("as a whole '{}': A {}, B {}\n", printable(output.name), column(output.a),
                        column(output.b));
    for (const auto& [side, deviation] : {std::pair("A", &output.a), std::pair("B", &output.b)})
      if (*deviation && (*deviation)->exceeds)
        text +=
            fmt::format("  {}: {} (node by node in A, as a whole in {})\n", side, explain(**deviation), side);
  }
  return text;
}

void compare(const CompareArguments& options) {
  workbench::CompareOptions settings = settings_of(options);
  Comparison result;
  const auto [a, b] = sides_of(options);
  {
    const ProgressBar bar(settings.progress);
    result = workbench::compare_models(a, b, settings);
  }
  if (options.json) {
    print_json(to_json(result));
  } else {
    print(head(options, a, b, result) + table(result) + "\n" + optimized_text(result) + verdict(result));
  }
  if (!result.agrees()) throw Unsuccessful{};
}

}  // namespace

void add_compare(CLI::App& program, Action& action) {
  auto options = std::make_shared<CompareArguments>();
  auto* command = program.add_subcommand(
      "compare", "Run two models, or one on two engines, node by node, and name the nodes that differ");
  command->add_option("a", options->a, "The .onnx or .pt2 file that is right")->required()->type_name("A");
  command->add_option("b", options->b, "The .onnx or .pt2 file that is held against it")->type_name("B");
  command
      ->add_option("-i,--input", options->inputs,
                   "An input by its name in A: NAME=FILE.npy, NAME=FILE.npz, or FILE.npz (default: random)")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  add_shape_option(*command, options->shapes);
  command->add_option("--seed", options->seed, "Of the random inputs (default: 1)");
  add_backends_option(*command, options->backends, options->engine);
  add_threads_option(*command, options->engine);
  command
      ->add_option(
          "--rtol,--tolerance", options->relative,
          "How far floats may be apart, as a part of their tensor's largest value (default: 1e-4; where a "
          "model computes in f16 5e-3, in bf16 4e-2, in 8 bits 0.25). Integers, booleans and strings are "
          "equal, and NaN and infinities in the same places")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--atol", options->absolute, "What is added to that (default: 1e-7)")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&action, options] { action = [options] { compare(*options); }; });
}

}  // namespace slipway::cli
