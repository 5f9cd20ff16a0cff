// What the commands share: how they join the program and how they take their common options.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "backends/backend.hpp"
#include "workbench/input_shapes.hpp"

namespace slipway::cli {

// What the arguments ask for; made by parsing, called once afterwards.
using Action = std::function<void()>;

// Each adds its command to the program; when the arguments name it, `action` becomes what it does.
void add_run(CLI::App& program, Action& action);
void add_bench(CLI::App& program, Action& action);
void add_inspect(CLI::App& program, Action& action);
void add_check(CLI::App& program, Action& action);
void add_compare(CLI::App& program, Action& action);
void add_convert(CLI::App& program, Action& action);
void add_test(CLI::App& program, Action& action);
void add_backends(CLI::App& program, Action& action);
void add_version(CLI::App& program, Action& action);

// The arguments can be parsed but not meant: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The command did its work and has printed what it found, which was not good: exit code 1.
struct Unsuccessful {};

// Which engine runs, and how.
struct EngineOptions {
  std::string backend = "native";
  backends::CompileOptions compile;
  std::vector<std::string> custom_ops;  // libraries
  std::optional<double> time_limit;     // seconds

  // A request to stop that comes when the time limit, from now on, is over.
  Cancellation cancellation() const;
  // `compile` with the operators of the libraries, which are loaded now.
  backends::CompileOptions with_custom_ops() const;
};
// --threads, --backend, --onnxruntime, --custom-ops, --max-memory, --time-limit.
void add_engine_options(CLI::App& command, EngineOptions& options);

// --threads alone.
void add_threads_option(CLI::App& command, EngineOptions& options);

// --backends A,B: engines by name; --onnxruntime, --custom-ops.
void add_backends_option(CLI::App& command, std::vector<std::string>& names, EngineOptions& options);

// The backend alone, by the option of this name, where its library is, and --custom-ops.
void add_backend_option(CLI::App& command, EngineOptions& options, const std::string& name = "--backend");

// --max-memory SIZE.
void add_memory_option(CLI::App& command, EngineOptions& options);

// --custom-ops LIB.so, any number of times.
void add_custom_ops_option(CLI::App& command, std::vector<std::string>& libraries);
// nullptr when there are none. Throws what custom::load_operators throws.
std::shared_ptr<const ops::Registry> load_custom_ops(const std::vector<std::string>& libraries);

// --shape NAME=1x3x224x224, or the sizes alone, which are for the only input of a model that has one.
void add_shape_option(CLI::App& command, std::vector<std::string>& shapes);
// Sizes by name, "" where none was given. Throws UsageError.
workbench::InputShapes parse_shapes(const std::vector<std::string>& texts);

}  // namespace slipway::cli
