#include "base/byte_size.hpp"
#include "base/error.hpp"
#include "base/thread_pool.hpp"
#include "cli/command.hpp"
#include "custom/load_operators.hpp"

namespace slipway::cli {
namespace {

constexpr size_t kMaxRank = 64;
constexpr double kShortestTime = 1e-3, kLongestTime = 1e8;  // seconds

// "1x3x224x224", or "" for a scalar.
Dims parse_sizes(const std::string& text) {
  Dims dims;
  std::istringstream sizes(text);
  for (std::string size; std::getline(sizes, size, 'x');) {
    const bool is_number =
        !size.empty() && size.size() < 18 && size.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number || dims.size() == kMaxRank)
      throw UsageError(fmt::format("--shape '{}': sizes are written like 1x3x224x224", text));
    dims.push_back(std::stoll(size));
  }
  if (text.ends_with('x')) throw UsageError(fmt::format("--shape '{}' ends with x", text));
  return dims;
}

std::string backend_names() {
  std::string names;
  for (const auto* backend : backends::all_backends())
    names += (names.empty() ? "" : ", ") + std::string(backend->name());
  return names;
}

// "" for the name of an engine, else what is wrong with it.
std::string check_backend(const std::string& wanted) {
  for (const auto* backend : backends::all_backends())
    if (backend->name() == wanted) return "";
  return fmt::format("there is no backend '{}'; there are: {}", wanted, backend_names());
}

void add_library_options(CLI::App& command, EngineOptions& options) {
  command.add_option("--onnxruntime", options.compile.library,
                     "ONNX Runtime's library, or its folder, for the engine onnxruntime");
  add_custom_ops_option(command, options.custom_ops);
}

}  // namespace

void add_backend_option(CLI::App& command, EngineOptions& options, const std::string& name) {
  command.add_option(name, options.backend, "The engine: " + backend_names() + " (default: native)")
      ->check(CLI::Validator(check_backend, ""));
  add_library_options(command, options);
}

void add_backends_option(CLI::App& command, std::vector<std::string>& names, EngineOptions& options) {
  command
      .add_option("--backends", names,
                  "The engine of both, or of A and of B: " + backend_names() + " (default: native)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_backend, ""))
      ->type_name("NAME,NAME");
  add_library_options(command, options);
}

void add_custom_ops_option(CLI::App& command, std::vector<std::string>& libraries) {
  command.add_option("--custom-ops", libraries, "A library with custom operators (docs/custom_operators.md)")
      ->type_name("LIB")
      ->allow_extra_args(false);
}

std::shared_ptr<const ops::Registry> load_custom_ops(const std::vector<std::string>& libraries) {
  if (libraries.empty()) return nullptr;
  return custom::load_operators(std::vector<std::filesystem::path>(libraries.begin(), libraries.end()));
}

backends::CompileOptions EngineOptions::with_custom_ops() const {
  backends::CompileOptions options = compile;
  options.operators = load_custom_ops(custom_ops);
  return options;
}

void add_engine_options(CLI::App& command, EngineOptions& options) {
  add_backend_option(command, options);
  add_threads_option(command, options);
}

void add_threads_option(CLI::App& command, EngineOptions& options) {
  command
      .add_option("--threads", options.compile.threads,
                  "How many threads compute (default: as many as there are processors)")
      ->check(CLI::Range(1, ThreadPool::kMaxThreads));
  add_memory_option(command, options);
  command
      .add_option("--time-limit", options.time_limit,
                  "How long a run may take, looked at between nodes (default: for ever)")
      ->check(CLI::Range(kShortestTime, kLongestTime))
      ->type_name("SECONDS");
}

Cancellation EngineOptions::cancellation() const {
  Cancellation cancellation;
  if (time_limit)
    cancellation.request_at(Cancellation::Clock::now() +
                            std::chrono::duration_cast<Cancellation::Clock::duration>(
                                std::chrono::duration<double>(*time_limit)));
  return cancellation;
}

void add_memory_option(CLI::App& command, EngineOptions& options) {
  const auto set = [&options](const std::string& text) {
    try {
      options.compile.memory = std::make_shared<MemoryAccount>(parse_byte_size(text));
    } catch (const Error& error) {
      throw UsageError(std::string("--max-memory: ") + error.what());
    }
  };
  command
      .add_option_function<std::string>(
          "--max-memory", set, "What loading and running may take: 512M, 2G (default: all that there is)")
      ->type_name("SIZE");
}

void add_shape_option(CLI::App& command, std::vector<std::string>& shapes) {
  command
      .add_option("--shape", shapes, "Sizes of an input: NAME=1x3x224x224, or 1x3x224x224 if there is one")
      ->allow_extra_args(false);
}

workbench::InputShapes parse_shapes(const std::vector<std::string>& texts) {
  workbench::InputShapes shapes;
  for (const std::string& text : texts) {
    // Sizes have no '=', names may.
    const size_t equals = text.rfind('=');
    const std::string name = equals == std::string::npos ? "" : text.substr(0, equals);
    const Dims dims = parse_sizes(equals == std::string::npos ? text : text.substr(equals + 1));
    if (!shapes.emplace(name, dims).second)
      throw UsageError(fmt::format("--shape is given twice for '{}'", name));
  }
  return shapes;
}

}  // namespace slipway::cli
