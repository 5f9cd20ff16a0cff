#include "torch/checkpoint.hpp"

#include <cstring>

#include "base/error.hpp"
#include "torch/checkpoint_forms.hpp"

namespace slipway::torch {
namespace {

bool is_zip_archive(const MappedFile& file) {
  constexpr std::string_view kBegin = "PK\3\4";
  return file.size() >= kBegin.size() && std::memcmp(file.data().data(), kBegin.data(), kBegin.size()) == 0;
}

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

std::shared_ptr<Buffer> buffer_of(const SharedFile& file, uint64_t offset, uint64_t size, size_t alignment) {
  // An archive's list is read by the path: the file that is mapped may be another one by then.
  if (offset > file->size() || size > file->size() - offset)
    fail(ErrorCode::kIo, "the file changed while it was being read");
  const std::byte* begin = file->data().data() + offset;
  if (reinterpret_cast<uintptr_t>(begin) % alignment == 0)
    return std::make_shared<Buffer>(const_cast<std::byte*>(begin), static_cast<size_t>(size), Device{},
                                    [file](void*) {});
  auto copy = Buffer::allocate(static_cast<size_t>(size));
  if (size > 0) std::memcpy(copy->data(), begin, static_cast<size_t>(size));
  return copy;
}

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
                        Checkpoint checkpoint = form->read(file);
                        file->check_undamaged();
                        return checkpoint;
                      });
}

}  // namespace slipway::torch
