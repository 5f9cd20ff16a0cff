// slipway inspect MODEL|PROGRAM|CHECKPOINT
#include "workbench/inspect.hpp"

#include "cli/command.hpp"
#include "cli/inspect_checkpoint.hpp"
#include "cli/inspect_program.hpp"
#include "cli/output.hpp"
#include "torch/checkpoint.hpp"
#include "torch/exported_program.hpp"

namespace slipway::cli {
namespace {

using nlohmann::ordered_json;
using workbench::Report;

struct InspectArguments {
  std::filesystem::path model;
  std::vector<std::string> shapes;
  std::vector<std::string> custom_ops;
  bool json = false;
};

ordered_json to_json(const std::vector<backends::Port>& ports) {
  ordered_json list = ordered_json::array();
  for (const backends::Port& port : ports) {
    ordered_json entry = {{"name", port.name}, {"type", port.type.to_string()}};
    if (port.optional) entry["optional"] = true;
    list.push_back(entry);
  }
  return list;
}

ordered_json to_json(const workbench::WeightCount& weights) {
  return {{"tensors", weights.tensors}, {"elements", weights.elements}, {"bytes", weights.bytes}};
}

template <typename Pairs>
ordered_json object_of(const Pairs& pairs) {
  ordered_json object = ordered_json::object();
  for (const auto& [name, value] : pairs) object[name] = value;
  return object;
}

// The pipeline as JSON where it is JSON, else as its text; null without one.
ordered_json pipeline_of(const Report& report) {
  if (!report.pipeline) return nullptr;
  const auto parsed = ordered_json::parse(*report.pipeline, nullptr, false);
  return parsed.is_discarded() ? ordered_json(*report.pipeline) : parsed;
}

ordered_json to_json(const Report& report) {
  ordered_json opsets = ordered_json::object();
  for (const auto& [domain, version] : report.opsets) opsets[domain.empty() ? "ai.onnx" : domain] = version;
  ordered_json weights = to_json(report.all_weights);
  weights["types"] = ordered_json::object();
  for (const auto& [type, count] : report.weights)
    weights["types"][std::string(name_of(type))] = to_json(count);
  return {{"path", report.path.string()},
          {"file_bytes", report.file_bytes},
          {"ir_version", report.ir_version},
          {"producer_name", report.producer_name},
          {"producer_version", report.producer_version},
          {"domain", report.domain},
          {"model_version", report.model_version},
          {"graph_name", report.graph_name},
          {"doc_string", report.doc_string},
          {"opsets", opsets},
          {"inputs", to_json(report.inputs)},
          {"outputs", to_json(report.outputs)},
          {"nodes", report.node_count},
          {"operators", object_of(report.operators)},
          {"custom_operators", object_of(report.custom_operators)},
          {"functions", report.function_count},
          {"weights", weights},
          {"flops", report.flops ? ordered_json(*report.flops) : ordered_json(nullptr)},
          {"flops_note", report.flops_note},
          {"shapes", object_of(report.shapes)},
          {"metadata", object_of(report.metadata)},
          {"pipeline", pipeline_of(report)}};
}

std::string line(const char* label, const std::string& text) {
  return fmt::format("{:<10} {}\n", label, text);
}

std::string describe(const char* label, const std::vector<backends::Port>& ports) {
  std::string text;
  size_t with_default = 0;
  for (const backends::Port& port : ports) {
    if (port.optional) {
      ++with_default;
      continue;
    }
    text += line(text.empty() ? label : "", printable(port.name) + ": " + printable(port.type.to_string()));
  }
  if (with_default > 0)
    text += line(text.empty() ? label : "", fmt::format("{} with defaults", with_default));
  return text.empty() ? line(label, "none") : text;
}

std::string describe_weights(const Report& report) {
  const auto& all = report.all_weights;
  std::string types;
  for (const auto& [type, count] : report.weights)
    types += fmt::format("{}{} {}", types.empty() ? "" : ", ", with_commas(count.elements), name_of(type));
  return fmt::format("{} tensors, {}{}", with_commas(all.tensors),
                     human_bytes(static_cast<double>(all.bytes)), types.empty() ? "" : " (" + types + ")");
}

std::string describe_operators(const Report& report) {
  std::string text = fmt::format("{} nodes", with_commas(report.node_count));
  const char* separator = ": ";
  for (const auto& [name, count] : report.operators) {
    text += fmt::format("{}{} {}", separator, count, printable(name));
    separator = ", ";
  }
  return text;
}

std::string describe_flops(const Report& report) {
  if (!report.flops) return "not known: " + printable(report.flops_note);
  std::string shapes;
  for (const auto& [name, dims] : report.shapes) shapes += " " + printable(name) + to_string(dims);
  return fmt::format("{:.4g} G{}", *report.flops / 1e9, shapes.empty() ? "" : " for" + shapes);
}

std::string to_text(const Report& report) {
  std::string opsets;
  for (const auto& [domain, version] : report.opsets)
    opsets += fmt::format("{}{} {}", opsets.empty() ? "" : ", ",
                          domain.empty() ? "ai.onnx" : printable(domain), version);
  std::string text = line("model", fmt::format("{} ({})", printable(report.path.string()),
                                               human_bytes(static_cast<double>(report.file_bytes))));
  text += line("format", fmt::format("ONNX, IR version {}, opset {}", report.ir_version, opsets));
  if (!report.producer_name.empty())
    text += line("producer", printable(report.producer_name + " " + report.producer_version));
  text += line("graph", printable(report.graph_name));
  text += describe("inputs", report.inputs) + describe("outputs", report.outputs);
  text += line("operators", describe_operators(report));
  for (const auto& [name, library] : report.custom_operators)
    text += line("custom", printable(name) + " from " + printable(library));
  if (report.function_count > 0) text += line("functions", with_commas(report.function_count));
  text += line("weights", describe_weights(report));
  text += line("FLOPs", describe_flops(report));
  for (const auto& [key, value] : report.metadata)
    if (key != "slipway.pipeline") text += line("metadata", printable(key) + ": " + printable(value));
  text += line("pipeline", report.pipeline ? printable(*report.pipeline) : "none");
  return text;
}

void inspect(const InspectArguments& options) {
  if (torch::is_exported_program(options.model)) return inspect_program(options.model, options.json);
  if (torch::is_checkpoint(options.model)) return inspect_checkpoint(options.model, options.json);
  const auto custom = load_custom_ops(options.custom_ops);
  const Report report = workbench::inspect(options.model, parse_shapes(options.shapes),
                                           custom ? *custom : ops::standard_operators());
  options.json ? print_json(to_json(report)) : print(to_text(report));
}

}  // namespace

void add_inspect(CLI::App& program, Action& action) {
  auto options = std::make_shared<InspectArguments>();
  auto* command = program.add_subcommand(
      "inspect",
      "Print a model's inputs, outputs, operators, weights, FLOPs and pipeline, or a checkpoint's tensors");
  command
      ->add_option("model", options->model,
                   "The .onnx file, an exported program (.pt2), or a checkpoint (.pth, .safetensors)")
      ->required()
      ->type_name("MODEL");
  add_shape_option(*command, options->shapes);
  add_custom_ops_option(*command, options->custom_ops);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&action, options] { action = [options] { inspect(*options); }; });
}

}  // namespace slipway::cli
