// What torch.save writes since PyTorch 1.6, of any object: a zip archive of a pickle and the storages that it
// refers to.
//
//   SavedObject saved(file);
//   collect_tensors(saved.root(), saved.find_storage(), checkpoint);
#pragma once

#include <map>
#include <optional>
#include <string>

#include "torch/pickle.hpp"
#include "torch/pickled_tensors.hpp"
#include "torch/shared_archive.hpp"

namespace slipway::torch {

// One thread at a time; storages and tensors outlive it.
class SavedObject {
 public:
  // Throws kInvalidArgument, kInvalidModel, kOutOfMemory; kUnsupported for TorchScript, for big-endian
  // numbers and for archives that hold no pickle.
  explicit SavedObject(SharedBytes archive, uint64_t most_allowance = std::numeric_limits<uint64_t>::max());

  // Lives as long as this.
  const PickleValue& root() const { return *root_; }
  FindStorage find_storage();

 private:
  const ZipEntry& find_pickle() const;
  void check_byte_order();
  void refuse_programs() const;
  std::shared_ptr<Buffer> storage(const StorageReference& reference);

  SharedArchive archive_;
  std::string folder_;
  std::optional<SharedBytes> pickle_;
  std::optional<PickleReader> reader_;
  const PickleValue* root_ = nullptr;
  std::map<std::string, std::shared_ptr<Buffer>> storages_;
};

}  // namespace slipway::torch
