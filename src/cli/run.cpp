// slipway run MODEL PICTURE -o OUT.png
// slipway run MODEL -i NAME=FILE.npy … -o OUT.npz
#include "backends/model_source.hpp"
#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/progress_bar.hpp"
#include "pipeline/run_picture.hpp"
#include "workbench/tensor_files.hpp"

namespace slipway::cli {
namespace {

struct RunArguments {
  std::filesystem::path model;
  std::vector<std::string> inputs;
  std::vector<std::string> rest;  // the picture, or further inputs behind -i
  std::filesystem::path output;
  EngineOptions engine;
};

// What the arguments mean, as far as they alone can tell.
struct Request {
  std::filesystem::path picture;  // empty: tensors
  std::vector<workbench::InputFile> files;
};

Request understand(const RunArguments& options) {
  Request request;
  if (options.inputs.empty() && !options.rest.empty()) {
    if (options.rest.size() > 1)
      throw UsageError("run takes one picture; tensors are given by -i NAME=FILE.npy");
    request.picture = options.rest[0];
    return request;
  }
  try {
    for (const auto* texts : {&options.inputs, &options.rest})
      for (const std::string& text : *texts) request.files.push_back(workbench::parse_input_file(text));
    workbench::check_output_path(options.output, 1);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  return request;
}

void run_tensors(const RunArguments& options, const std::vector<workbench::InputFile>& files) {
  Progress progress;
  const ProgressBar bar(progress);
  progress.begin("loading the model");
  const auto source = backends::open_model(options.model);
  const auto executable =
      backends::find_backend(options.engine.backend).compile(source, options.engine.with_custom_ops());
  workbench::check_output_path(options.output, executable->outputs().size());
  progress.begin("reading the inputs");
  const auto inputs = workbench::read_inputs(executable->inputs(), files);
  progress.begin("running");
  const auto outputs = executable->run(inputs, options.engine.cancellation());
  progress.begin("writing the outputs");
  workbench::write_outputs(options.output, executable->outputs(), outputs);
}

void run_picture(const RunArguments& options, const std::filesystem::path& picture) {
  Progress progress;
  const ProgressBar bar(progress);
  progress.begin("loading the model");
  const auto source = backends::open_model(options.model);
  const auto description = with_context([&] { return options.model.string(); },
                                        [&] { return pipeline::description_of(*source.model); });
  const auto executable =
      backends::find_backend(options.engine.backend).compile(source, options.engine.with_custom_ops());
  pipeline::run_picture(*executable, description, picture, options.output, options.engine.cancellation(),
                        [&](pipeline::PictureStage stage) {
                          progress.begin(stage == pipeline::PictureStage::kReading   ? "reading the picture"
                                         : stage == pipeline::PictureStage::kRunning ? "running"
                                                                                     : "writing the picture");
                        });
}

void run(const RunArguments& options) {
  const Request request = understand(options);
  const MemoryScope scope(options.engine.compile.memory);
  if (request.picture.empty()) {
    run_tensors(options, request.files);
  } else {
    run_picture(options, request.picture);
  }
}

}  // namespace

void add_run(CLI::App& program, Action& action) {
  auto options = std::make_shared<RunArguments>();
  auto* command = program.add_subcommand("run", "Run a model on a picture or on tensors");
  command->add_option("model", options->model, "The .onnx file")->required()->type_name("MODEL");
  command->add_option("picture", options->rest, "A picture, for the pipeline inside the model")
      ->type_name("PICTURE");
  command
      ->add_option("-i,--input", options->inputs,
                   "An input: NAME=FILE.npy, NAME=FILE.npz, or FILE.npz with arrays of the inputs' names")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  command->add_option("-o,--output", options->output, "Where the result goes: .png, .npz or .npy")
      ->required()
      ->type_name("OUT");
  add_engine_options(*command, options->engine);
  command->callback([&action, options] { action = [options] { run(*options); }; });
}

}  // namespace slipway::cli
