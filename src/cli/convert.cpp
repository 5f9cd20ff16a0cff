// slipway convert MODEL
#include <fmt/format.h>

#include <algorithm>

#include "backends/model_source.hpp"
#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/conversion_check.hpp"
#include "cli/output.hpp"
#include "graph/validate.hpp"
#include "onnx/opset/bring_to_opset.hpp"
#include "onnx/write_model.hpp"
#include "passes/passes.hpp"
#include "passes/scale_input.hpp"
#include "torch/exported_program.hpp"
#include "torch/import_program.hpp"
#include "torch/ir/input_sizes.hpp"

namespace slipway::cli {
namespace {

// What PyTorch's programs are written in unless the user asks for another: new enough for normalisation and
// Gelu to be one node each, old enough for every engine of the last years.
constexpr int64_t kImportedOpset = 20;

struct ConvertArguments {
  std::filesystem::path model, output;
  int64_t opset = 0;  // 0: the model's own, or kImportedOpset
  std::string external_data;
  // Of programs alone.
  torch::ImportOptions import;
  std::vector<std::string> inputs, dynamic, renames, kept;
  std::string scale_input;
  bool no_fold = false;
  bool check = false;
  backends::CompileOptions engine;  // that it is checked on
};

// What a program became, and what it can be checked with.
struct Converted {
  Model model;
  std::shared_ptr<const Model> program;  // just as its calls are
  workbench::InputValues examples;
};

// "NAME=VALUE", both of which must be there.
std::pair<std::string, std::string> split_pair(const std::string& option, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw UsageError(fmt::format("{} '{}': write it as {}", option, text, "NAME=VALUE"));
  return {text.substr(0, equals), text.substr(equals + 1)};
}

// "batch,3,h,w"
Shape parse_sizes(const std::string& option, const std::string& text) {
  Shape sizes;
  std::istringstream list(text);
  for (std::string size; std::getline(list, size, ',');) {
    if (size.empty()) throw UsageError(fmt::format("{}: a size is missing in '{}'", option, text));
    sizes.push_back(torch::ir::size_of_text(size));
  }
  return sizes;
}

// "x=f32[1,3,224,224]" and "x=batch,3,h,w"
void read_input_sizes(ConvertArguments& options) {
  for (const std::string& text : options.inputs) {
    const auto [name, type] = split_pair("--input", text);
    const size_t open = type.find('[');
    if (open == std::string::npos || !type.ends_with(']'))
      throw UsageError(fmt::format("--input '{}': write it as NAME=f32[1,3,224,224]", text));
    options.import.input_sizes.emplace_back(
        name, parse_sizes("--input", type.substr(open + 1, type.size() - open - 2)));
  }
  for (const std::string& text : options.dynamic) {
    const auto [name, sizes] = split_pair("--dynamic", text);
    options.import.input_sizes.emplace_back(name, parse_sizes("--dynamic", sizes));
  }
}

// "mylib::my_add=my.domain:MyAdd"
void read_custom_operators(ConvertArguments& options) {
  for (const std::string& text : options.kept) {
    auto [target, name] = split_pair("--map", text);
    if (const size_t colons = target.find("::"); colons != std::string::npos) target.replace(colons, 2, ".");
    options.import.custom_operators.emplace(target, name);
  }
}

// The examples by the names that the model has for its inputs.
workbench::InputValues named_examples(const torch::ImportedProgram& program) {
  workbench::InputValues named;
  for (size_t i = 0; i < program.examples.size(); ++i)
    named[program.model.graph->inputs().at(i)->name()] = program.examples[i];
  const auto is_required = [](const Value* input) { return !input->initializer(); };
  if (named.empty() && std::ranges::any_of(program.model.graph->inputs(), is_required))
    fail(ErrorCode::kInvalidArgument,
         "--check needs the inputs that the program was traced with, and the file has none: convert without "
         "it, and hold the two against each other by slipway compare, with inputs of your own (-i) or random "
         "ones (--shape)");
  return named;
}

void report(const std::vector<std::string>& unchecked_guards) {
  if (unchecked_guards.empty()) return;
  print_note(
      fmt::format("PyTorch decided by these conditions when it traced the program; the model cannot state "
                  "them, and does not refuse sizes for which they do not hold:\n{}",
                  fmt::join(unchecked_guards, "\n")));
}

Converted read_program(ConvertArguments& options) {
  read_input_sizes(options);
  read_custom_operators(options);
  for (const std::string& text : options.renames)
    options.import.weight_names.renames.push_back(split_pair("--rename", text));
  auto imported = torch::import_program(options.model, options.import);
  report(imported.unchecked_guards);
  Converted result;
  if (options.check) {
    result.examples = with_context([&] { return fmt::format("file '{}'", options.model.string()); },
                                   [&] { return named_examples(imported); });
    result.program = std::make_shared<Model>(clone(imported.model));
  }
  result.model = std::move(imported.model);
  passes::tidy(result.model, ops::standard_operators(), {.fold_into_convolution = !options.no_fold});
  if (!options.scale_input.empty())
    with_context([&] { return fmt::format("--scale-input {}", options.scale_input); },
                 [&] {
                   const float factor = passes::make_scale_an_input(result.model, options.scale_input);
                   const std::vector<float> scale = {factor};
                   if (options.check) result.examples[options.scale_input] = Tensor::from<float>({1}, scale);
                 });
  if (options.opset == 0) options.opset = kImportedOpset;
  return result;
}

Converted read(ConvertArguments& options) {
  if (torch::is_exported_program(options.model)) return read_program(options);
  if (options.check)
    throw UsageError(
        "--check is for exported programs, which carry inputs; hold models against each other by "
        "slipway compare");
  return {backends::read_model_file(options.model), nullptr, {}};
}

void convert(ConvertArguments options) {
  Converted converted = read(options);
  auto model = std::make_shared<Model>(std::move(converted.model));
  with_context([&] { return fmt::format("file '{}'", options.model.string()); },
               [&] {
                 validate(*model);
                 if (options.opset != 0) bring_to_opset(*model, options.opset);
                 if (options.check)
                   check_and_report({"", converted.program}, {"", model}, converted.examples, options.engine);
               });
  write_model(*model, options.output, {.external_data_file = options.external_data});
}

void add_program_options(CLI::App& command, ConvertArguments& options) {
  const std::string group = "Exported programs (.pt2)";
  const auto add = [&](const char* name, auto& target, const char* help) {
    return command.add_option(name, target, help)->group(group)->allow_extra_args(false);
  };
  add("--input", options.inputs, "The sizes of an input that the program leaves open: x=f32[1,3,224,224]");
  add("--dynamic", options.dynamic, "Names of the sizes that it leaves open: x=batch,3,h,w");
  add("--weights", options.import.weights,
      "A checkpoint (.pth, .safetensors) in place of the file's weights");
  add("--strip-prefix", options.import.weight_names.strip_prefix,
      "What the checkpoint's names begin with: generator.");
  add("--rename", options.renames, "The beginning of a name in the checkpoint, and in the program: FROM=TO");
  add("--map", options.kept, "Keep an operator as a node of your own: mylib::my_add=my.domain:MyAdd");
  add("--scale-input", options.scale_input,
      "Make the factor of the model's Resize an input of this name, f32[1]");
  command
      .add_flag("--no-fold", options.no_fold,
                "Leave BatchNorm, factors and sums of channels apart from convolutions")
      ->group(group);
  command
      .add_flag("--check", options.check,
                "Run the result on the inputs that the file carries, natively and by ONNX Runtime where it "
                "is there, and hold it against the program, run call by call; write it only if they agree "
                "(1e-4 of an output's largest value; 5e-3 where the program computes in f16, 4e-2 in bf16)")
      ->group(group);
  add("--onnxruntime", options.engine.library, "ONNX Runtime's library, or its folder, for --check");
}

}  // namespace

void add_convert(CLI::App& program, Action& action) {
  auto options = std::make_shared<ConvertArguments>();
  auto* command = program.add_subcommand(
      "convert", "Write a model or an exported PyTorch program as a .onnx file, in another opset when asked");
  command->add_option("model", options->model, "The .onnx or .pt2 file")->required()->type_name("MODEL");
  command->add_option("-o,--output", options->output, "The .onnx file to write")
      ->required()
      ->type_name("FILE");
  command
      ->add_option(
          "--opset", options->opset,
          fmt::format("The operator set to write (default: the model's own, and the model stays what it "
                      "is; {} for programs)",
                      kImportedOpset))
      ->check(CLI::Range(kOldestWrittenOpset, kNewestOpset));
  command->add_option("--external-data", options->external_data,
                      "Name of a file beside the output for large weights (default: all in one file)");
  add_program_options(*command, *options);
  command->callback([&action, options] { action = [options] { convert(*options); }; });
}

}  // namespace slipway::cli
