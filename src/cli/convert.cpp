// slipway convert MODEL
#include "backends/model_source.hpp"
#include "base/error.hpp"
#include "cli/command.hpp"
#include "graph/validate.hpp"
#include "onnx/opset/bring_to_opset.hpp"
#include "onnx/write_model.hpp"

namespace slipway::cli {
namespace {

struct Options {
  std::filesystem::path model, output;
  int64_t opset = 0;  // 0: the model's own
  std::string external_data;
};

void convert(const Options& options) {
  Model model = backends::read_model_file(options.model);
  with_context([&] { return fmt::format("file '{}'", options.model.string()); },
               [&] {
                 validate(model);
                 if (options.opset != 0) bring_to_opset(model, options.opset);
               });
  write_model(model, options.output, {.external_data_file = options.external_data});
}

}  // namespace

void add_convert(CLI::App& program, Action& action) {
  auto options = std::make_shared<Options>();
  auto* command =
      program.add_subcommand("convert", "Write a model as a .onnx file, in another opset when asked");
  command->add_option("model", options->model, "The .onnx file")->required()->type_name("MODEL");
  command->add_option("-o,--output", options->output, "The .onnx file to write")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--opset", options->opset,
                   "The operator set to write (default: the model's own, and the model stays what it is)")
      ->check(CLI::Range(kOldestWrittenOpset, kNewestOpset));
  command->add_option("--external-data", options->external_data,
                      "Name of a file beside the output for large weights (default: all in one file)");
  command->callback([&action, options] { action = [options] { convert(*options); }; });
}

}  // namespace slipway::cli
