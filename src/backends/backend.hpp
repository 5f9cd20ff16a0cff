// An engine that runs models. `find_backend("native")`, `find_backend("onnxruntime")`.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancellation.hpp"
#include "base/memory_account.hpp"
#include "graph/model.hpp"
#include "ops/registry.hpp"
#include "tensor/runtime_value.hpp"
#include "tensor/size_condition.hpp"
#include "tensor/type.hpp"

namespace slipway::backends {

// A model as it comes to a backend: a file, or a graph in memory. A file that nobody changed goes to another
// engine byte for byte.
struct ModelSource {
  std::filesystem::path path;                   // empty for a model that only exists in memory
  std::shared_ptr<const slipway::Model> model;  // read by whoever made the source; never null
};

struct CompileOptions {
  int threads = 0;  // ≤ 0: as many as there are processors
  bool optimize = true;
  std::filesystem::path library;  // of a foreign engine; empty: looked for in the usual places
  // The standard's operators and those of libraries (custom::load_operators); nullptr: the standard's alone.
  // Only the engine native takes libraries.
  std::shared_ptr<const ops::Registry> operators = nullptr;
  // What the model may take, when it is made ready and when it runs; nullptr: what the machine has. Reading
  // the model is for whoever opens it to charge (MemoryScope). Only the engine native keeps a limit: the
  // others refuse to compile under one.
  std::shared_ptr<MemoryAccount> memory = nullptr;

  const ops::Registry& known_operators() const { return operators ? *operators : ops::standard_operators(); }
};

// A named, typed input or output.
struct Port {
  std::string name;
  Type type;
  bool optional = false;  // an input with a default
};

// A node that a backend cannot run, and why.
struct Obstacle {
  std::string node;
  std::string reason;
};

// A model made ready by a backend. `run` may be called from several threads at once.
class Executable {
 public:
  virtual ~Executable() = default;
  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }
  // CompileOptions::memory, for what a run is to be given (a decoded picture) to count too.
  const std::shared_ptr<MemoryAccount>& memory() const { return memory_; }

  // Values in the order of the ports; an empty value stands for an optional input. Throws kInvalidArgument
  // naming input, axis, what came and what was expected.
  virtual std::vector<RuntimeValue> run(std::span<const RuntimeValue> inputs,
                                        const Cancellation& cancellation = {}) = 0;

 protected:
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  std::vector<SizeCondition> size_conditions_;  // over the names of the inputs' dimensions
  std::shared_ptr<MemoryAccount> memory_;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view name() const = 0;
  // "" when it can be used now; otherwise what is missing and how to install it.
  virtual std::string unavailable_reason(const CompileOptions& options) const = 0;
  virtual std::string version(const CompileOptions& options) const = 0;
  // Empty when the model can run here. Throws kInvalidModel for a model that contradicts itself.
  virtual std::vector<Obstacle> obstacles(const slipway::Model& model,
                                          const CompileOptions& options) const = 0;
  // Throws kNotFound when the engine's library is missing, kUnsupported listing all obstacles.
  virtual std::unique_ptr<Executable> compile(const ModelSource& source,
                                              const CompileOptions& options) const = 0;
};

// In order of preference. Constant after start.
std::span<const Backend* const> all_backends();
// Throws kInvalidArgument listing the names that exist.
const Backend& find_backend(std::string_view name);

// The ports of a model as its graph states them.
std::vector<Port> input_ports(const Graph& graph);
std::vector<Port> output_ports(const Graph& graph);
// Throws kInvalidArgument when values do not fit the ports: number, kind, element type, rank, sizes, symbols
// that occur more than once, and what the model says of its sizes (size_conditions()). The message names the
// input, the axis, what came and what was expected.
void check_inputs(const std::vector<Port>& ports, std::span<const SizeCondition> conditions,
                  std::span<const RuntimeValue> values);

}  // namespace slipway::backends
