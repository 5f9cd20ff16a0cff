#include "torch/checkpoint.hpp"

#include "base/error.hpp"
#include "base/out_of_memory.hpp"
#include "torch/checkpoint_forms.hpp"

namespace slipway::torch {
namespace {

struct Form {
  bool (*fits)(const MappedFile&);
  Checkpoint (*read)(const SharedFile&);
};
constexpr Form kForms[] = {{is_zip_archive, read_zip_checkpoint},
                           {is_legacy_checkpoint, read_legacy_checkpoint},
                           {is_safetensors, read_safetensors},
                           {is_safetensors_index, read_sharded_safetensors}};

// nullptr when the file is none.
const Form* form_of(const MappedFile& file) {
  for (const Form& form : kForms)
    if (form.fits(file)) return &form;
  return nullptr;
}

}  // namespace

bool is_checkpoint(const std::filesystem::path& path) {
  return form_of(MappedFile(path)) != nullptr;
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  return with_context([&] { return "file '" + path.string() + "'"; },
                      [&] {
                        const auto file = std::make_shared<const MappedFile>(path);
                        const Form* form = form_of(*file);
                        if (!form)
                          fail(ErrorCode::kUnsupported,
                               "this is no checkpoint that is read: neither a file of torch.save's nor "
                               "safetensors");
                        Checkpoint checkpoint = with_memory_errors([&] { return form->read(file); });
                        file->check_undamaged();
                        return checkpoint;
                      });
}

}  // namespace slipway::torch
