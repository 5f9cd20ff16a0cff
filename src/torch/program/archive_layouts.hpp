// The layouts of a file of an exported program. `read_program_archive` tells them apart.
#pragma once

#include "torch/program/archive.hpp"

namespace slipway::torch {

// Since PyTorch 2.8: a folder of JSON and storages.
bool has_pt2_layout(const SharedArchive& archive);
ProgramArchive read_pt2_layout(SharedArchive& archive);
// Before: JSON, and files of torch.save's.
bool has_early_layout(const SharedArchive& archive);
ProgramArchive read_early_layout(SharedArchive& archive);

// What both have: a member that torch.save wrote, of tensors by name; of forward()'s arguments.
NamedTensors read_saved_tensors(SharedArchive& archive, const ZipEntry& entry);
std::vector<Tensor> read_saved_examples(SharedArchive& archive, const ZipEntry& entry);

// The program, within the limits of json.hpp.
Json read_program_json(SharedArchive& archive, const ZipEntry& entry);

}  // namespace slipway::torch
