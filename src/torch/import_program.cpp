#include "torch/import_program.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "torch/aten/convert_program.hpp"
#include "torch/exported_program.hpp"
#include "torch/ir/functionalise.hpp"
#include "torch/ir/input_sizes.hpp"

namespace slipway::torch {

Model import_program(const std::filesystem::path& path, const ImportOptions& options) {
  ir::Program program = read_exported_program(path);
  return with_context([&] { return fmt::format("file '{}'", path.string()); },
                      [&] {
                        if (!options.weights.empty())
                          load_weights(program, read_checkpoint(options.weights), options.weight_names);
                        for (const auto& [input, sizes] : options.input_sizes)
                          ir::set_input_sizes(program, input, sizes);
                        ir::functionalise(program);
                        return convert_program(
                            program, {.custom_operators = options.custom_operators, .name = path.stem()});
                      });
}

}  // namespace slipway::torch
