#include "torch/program/archive.hpp"

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/program/archive_layouts.hpp"
#include "torch/program/example_inputs.hpp"
#include "torch/saved_object.hpp"

namespace slipway::torch {
namespace {

std::string describe(const ZipEntry& entry) {
  return "entry " + slipway::quoted(entry.name);
}

}  // namespace

NamedTensors read_saved_tensors(SharedArchive& archive, const ZipEntry& entry) {
  NamedTensors tensors;
  if (entry.size == 0) return tensors;
  with_context([&] { return describe(entry); },
               [&] {
                 SavedObject saved(archive.bytes_of(entry), archive.allowance());
                 Checkpoint checkpoint;
                 collect_tensors(saved.root(), saved.find_storage(), checkpoint);
                 for (Checkpoint::Entry& found : checkpoint.tensors)
                   tensors.emplace(std::move(found.name), std::move(found.tensor));
               });
  return tensors;
}

std::vector<Tensor> read_saved_examples(SharedArchive& archive, const ZipEntry& entry) {
  if (entry.size == 0) return {};
  return with_context([&] { return describe(entry); },
                      [&] {
                        SavedObject saved(archive.bytes_of(entry), archive.allowance());
                        return read_example_inputs(saved.root(), saved.find_storage());
                      });
}

Json read_program_json(SharedArchive& archive, const ZipEntry& entry) {
  return with_context([&] { return describe(entry); },
                      [&] { return parse_json(archive.bytes_of(entry).text(), kMostProgramNesting); });
}

bool is_program_archive(const SharedFile& file) {
  if (!is_zip_archive(*file)) return false;
  const SharedArchive archive(file);
  return has_pt2_layout(archive) || has_early_layout(archive);
}

ProgramArchive read_program_archive(const SharedFile& file) {
  if (!is_zip_archive(*file)) fail(ErrorCode::kUnsupported, "this is no file of torch.export.save's");
  SharedArchive archive(file);
  if (has_pt2_layout(archive)) return read_pt2_layout(archive);
  if (has_early_layout(archive)) return read_early_layout(archive);
  fail(ErrorCode::kUnsupported, "this is no file of torch.export.save's");
}

}  // namespace slipway::torch
