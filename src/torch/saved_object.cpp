#include "torch/saved_object.hpp"

#include "base/error.hpp"

namespace slipway::torch {
namespace {

constexpr std::string_view kPickle = "/data.pkl";
// Storages lie at multiples of 64 bytes; in archives within archives, and by other writers, they may not.
constexpr size_t kLargestElement = 16;

}  // namespace

SavedObject::SavedObject(SharedBytes archive, uint64_t most_allowance)
    : archive_(std::move(archive), most_allowance) {
  const ZipEntry& pickle = find_pickle();
  folder_ = pickle.name.substr(0, pickle.name.size() - kPickle.size());
  check_byte_order();
  refuse_programs();
  pickle_ = archive_.bytes_of(pickle);
  with_context([&] { return "entry '" + pickle.name + "'"; },
               [&] { root_ = &reader_.emplace(pickle_->bytes).read(); });
}

FindStorage SavedObject::find_storage() {
  return [this](const StorageReference& reference) { return storage(reference); };
}

// "archive/data.pkl", "anything/data.pkl": the one at the least depth.
const ZipEntry& SavedObject::find_pickle() const {
  for (const ZipEntry& entry : archive_.entries())
    if (entry.name.ends_with(kPickle) && entry.name.find('/') == entry.name.size() - kPickle.size())
      return entry;
  fail(ErrorCode::kUnsupported, "the archive holds no data.pkl: it is no checkpoint of PyTorch's");
}

void SavedObject::check_byte_order() {
  const ZipEntry* entry = archive_.find(folder_ + "/byteorder");
  if (entry && !archive_.bytes_of(*entry).text().starts_with("little"))
    fail(ErrorCode::kUnsupported, "its numbers are big-endian; save it on a little-endian machine");
}

// TorchScript has code beside the pickle.
void SavedObject::refuse_programs() const {
  if (archive_.find(folder_ + "/constants.pkl"))
    fail(ErrorCode::kUnsupported,
         "this is a TorchScript program, which is not read; save its state_dict() with torch.save");
}

std::shared_ptr<Buffer> SavedObject::storage(const StorageReference& reference) {
  auto& buffer = storages_[reference.key];
  if (!buffer) {
    const ZipEntry* entry = archive_.find(folder_ + "/data/" + reference.key);
    if (!entry) fail(ErrorCode::kInvalidModel, "the archive has no storage '{}'", reference.key);
    buffer = buffer_of(archive_.bytes_of(*entry), kLargestElement);
  }
  return buffer;
}

}  // namespace slipway::torch
