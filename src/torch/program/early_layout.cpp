// The layout that PyTorch 2.1 to 2.7 write:
//   serialized_exported_program.json       the program
//   serialized_state_dict.pt               parameters and buffers, by torch.save (2.1: named .json)
//   serialized_constants.pt                the other tensors
//   serialized_example_inputs.pt           the example inputs
//   version
#include "base/error.hpp"
#include "torch/program/archive_layouts.hpp"

namespace slipway::torch {
namespace {

constexpr std::string_view kProgram = "serialized_exported_program.json";

const ZipEntry* find_any(const SharedArchive& archive, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const ZipEntry* entry = archive.find(name)) return entry;
  return nullptr;
}

}  // namespace

bool has_early_layout(const SharedArchive& archive) {
  return archive.find(kProgram) != nullptr;
}

ProgramArchive read_early_layout(SharedArchive& archive) {
  ProgramArchive result;
  result.format = "PyTorch program (archive before 2.8)";
  result.program = read_program_json(archive, archive.at(std::string(kProgram)));
  const ZipEntry* weights = find_any(archive, {"serialized_state_dict.pt", "serialized_state_dict.json"});
  if (!weights) fail(ErrorCode::kInvalidModel, "the archive has no serialized_state_dict.pt");
  result.weights = read_saved_tensors(archive, *weights);
  if (const ZipEntry* constants = find_any(
          archive,
          {"serialized_constants.pt", "serialized_tensor_constants.pt", "serialized_constants.json"}))
    result.constants = read_saved_tensors(archive, *constants);
  if (const ZipEntry* examples = archive.find("serialized_example_inputs.pt"))
    result.examples = read_saved_examples(archive, *examples);
  return result;
}

}  // namespace slipway::torch
