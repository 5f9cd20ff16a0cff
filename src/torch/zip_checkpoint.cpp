#include <map>

#include "base/error.hpp"
#include "base/zip_archive.hpp"
#include "torch/checkpoint_forms.hpp"
#include "torch/pickled_tensors.hpp"

namespace slipway::torch {
namespace {

constexpr uint64_t kMostFiles = 1'000'000;
constexpr std::string_view kPickle = "/data.pkl";
// Storages lie at multiples of 64 bytes; files by other writers may not.
constexpr size_t kLargestElement = 16;

class ZipCheckpoint {
 public:
  explicit ZipCheckpoint(const SharedFile& file) : file_(file), archive_(file->path(), kMostFiles) {}

  Checkpoint read() {
    const ZipEntry& pickle = find_pickle();
    folder_ = pickle.name.substr(0, pickle.name.size() - kPickle.size());
    check_byte_order();
    refuse_programs();
    const std::shared_ptr<Buffer> bytes = bytes_of(pickle);
    PickleReader reader({static_cast<const std::byte*>(bytes->data()), bytes->size()});
    Checkpoint checkpoint{"PyTorch (zip)", {}, {}};
    with_context([&] { return "entry '" + pickle.name + "'"; },
                 [&] {
                   collect_tensors(
                       reader.read(), [&](const StorageReference& reference) { return storage(reference); },
                       checkpoint);
                 });
    return checkpoint;
  }

 private:
  // "archive/data.pkl", "anything/data.pkl": the one at the least depth.
  const ZipEntry& find_pickle() const {
    for (const ZipEntry& entry : archive_.entries())
      if (entry.name.ends_with(kPickle) && entry.name.find('/') == entry.name.size() - kPickle.size())
        return entry;
    fail(ErrorCode::kUnsupported, "the archive holds no data.pkl: it is no checkpoint of PyTorch's");
  }

  void check_byte_order() {
    const ZipEntry* entry = archive_.find(folder_ + "/byteorder");
    if (!entry) return;
    const auto bytes = bytes_of(*entry);
    const std::string_view order(static_cast<const char*>(bytes->data()), bytes->size());
    if (!order.starts_with("little"))
      fail(ErrorCode::kUnsupported, "its numbers are big-endian; save it on a little-endian machine");
  }

  // TorchScript has code beside the pickle.
  void refuse_programs() const {
    if (archive_.find(folder_ + "/constants.pkl"))
      fail(ErrorCode::kUnsupported,
           "this is a TorchScript program, which is not read; save its state_dict() with torch.save");
  }

  std::shared_ptr<Buffer> bytes_of(const ZipEntry& entry) {
    return with_context([&] { return "entry '" + entry.name + "'"; },
                        [&] {
                          if (const auto offset = archive_.offset_of(entry))
                            return buffer_of(file_, *offset, entry.size, kLargestElement);
                          archive_.account(entry);
                          auto buffer = Buffer::allocate(static_cast<size_t>(entry.size));
                          archive_.read(entry, {static_cast<std::byte*>(buffer->data()), buffer->size()});
                          return buffer;
                        });
  }

  std::shared_ptr<Buffer> storage(const StorageReference& reference) {
    auto& buffer = storages_[reference.key];
    if (!buffer) {
      const ZipEntry* entry = archive_.find(folder_ + "/data/" + reference.key);
      if (!entry) fail(ErrorCode::kInvalidModel, "the archive has no storage '{}'", reference.key);
      buffer = bytes_of(*entry);
    }
    return buffer;
  }

  SharedFile file_;
  ZipArchive archive_;
  std::string folder_;
  std::map<std::string, std::shared_ptr<Buffer>> storages_;
};

}  // namespace

Checkpoint read_zip_checkpoint(const SharedFile& file) {
  return ZipCheckpoint(file).read();
}

}  // namespace slipway::torch
