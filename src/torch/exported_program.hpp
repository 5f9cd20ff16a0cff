// Reads what torch.export.save writes (`.pt2`), without PyTorch: the program as calls over values
// (torch/ir/program.hpp), its tensors as views of the mapped file. Nothing in the file is executed.
//
//   const ir::Program program = read_exported_program("model.pt2");
//
// Errors name the file, the node and the reason: kNotFound, kIo; kInvalidModel for what contradicts the
// format; kUnsupported for valid programs that are not read (custom objects, sparse tensors, other versions);
// kOutOfMemory for limits.
#pragma once

#include <filesystem>

#include "torch/ir/program.hpp"

namespace slipway::torch {

// By the file's content, never by its name: does it hold a program, of whatever version? Throws where there
// is no file, and for an archive whose list is damaged.
bool is_exported_program(const std::filesystem::path& path);

ir::Program read_exported_program(const std::filesystem::path& path);

}  // namespace slipway::torch
