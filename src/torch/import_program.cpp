#include "torch/import_program.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/out_of_memory.hpp"
#include "torch/aten/convert_program.hpp"
#include "torch/exported_program.hpp"
#include "torch/ir/complex_pairs.hpp"
#include "torch/ir/functionalise.hpp"
#include "torch/ir/input_sizes.hpp"
#include "torch/ir/program_sizes.hpp"
#include "torch/storage_view.hpp"

namespace slipway::torch {
namespace {

// As the model takes it: whole numbers are i64[1] there, complex ones pairs.
Tensor as_input(const Tensor& example, const ir::Value& value, ContiguousCopies& copies) {
  if (value.kind == ir::ValueKind::kInt && example.type() == DataType::kInt64 && example.count() == 1)
    return Tensor::from<int64_t>({1}, example.data<int64_t>());
  return ir::as_pairs(copies.of(example));
}

std::vector<Tensor> examples_of(const ir::Program& program) {
  std::vector<Tensor> examples;
  ContiguousCopies copies;
  size_t place = 0;
  for (const ir::ProgramInput& input : program.inputs) {
    if (input.kind != ir::ProgramInput::Kind::kUser || program.example_inputs.empty()) continue;
    const Tensor& example = program.example_inputs.at(place++);
    if (input.specialised || !input.value) continue;
    if (!example.defined()) return {};
    examples.push_back(as_input(example, *input.value, copies));
  }
  return examples;
}

ImportedProgram import(ir::Program program, const ImportOptions& options, const std::string& name) {
  if (!options.weights.empty()) load_weights(program, read_checkpoint(options.weights), options.weight_names);
  for (const auto& [input, sizes] : options.input_sizes) ir::set_input_sizes(program, input, sizes);
  std::vector<Tensor> examples = examples_of(program);
  ir::functionalise(program);
  return {convert_program(program, {.custom_operators = options.custom_operators, .name = name}),
          std::move(examples), ir::unchecked_guards(program)};
}

}  // namespace

ImportedProgram import_program(const std::filesystem::path& path, const ImportOptions& options) {
  ir::Program program = read_exported_program(path);
  return with_context(
      [&] { return fmt::format("file '{}'", path.string()); },
      [&] { return with_memory_errors([&] { return import(std::move(program), options, path.stem()); }); });
}

}  // namespace slipway::torch
