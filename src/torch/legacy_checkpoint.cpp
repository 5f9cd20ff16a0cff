#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "base/error.hpp"
#include "torch/checkpoint_forms.hpp"
#include "torch/pickled_tensors.hpp"

namespace slipway::torch {
namespace {

// 0x1950a86a20f9469cfc6c as a pickled integer of ten bytes, behind two bytes that state the protocol.
constexpr std::array<uint8_t, 12> kMagic = {0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46,
                                            0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};
constexpr size_t kProtocolBytes = 2;
constexpr int64_t kProtocolVersion = 1001;
constexpr size_t kLargestElement = 16;

// A pickle of the magic number, of the protocol version, of the machine, of the object, of the list of
// storages; then each storage: how many elements, and their bytes.
class LegacyCheckpoint {
 public:
  explicit LegacyCheckpoint(const SharedFile& file) : file_(file), pickles_(file->data()) {}

  Checkpoint read() {
    pickles_.read();
    const auto* version = pickles_.read().as<int64_t>();
    if (!version || *version != kProtocolVersion)
      fail(ErrorCode::kUnsupported, "the file is of a protocol that is not read");
    check_machine(pickles_.read());
    const PickleValue& object = pickles_.read();
    const PickleValue& keys = pickles_.read();
    place_storages(keys);
    Checkpoint checkpoint{"PyTorch (before 1.6)", {}, {}};
    collect_tensors(
        object, [&](const StorageReference& reference) { return storage(reference); }, checkpoint);
    return checkpoint;
  }

 private:
  static void check_machine(const PickleValue& machine) {
    const auto* facts = machine.as<PickleDict>();
    if (!facts) fail(ErrorCode::kInvalidModel, "the file does not say what machine wrote it");
    for (const auto& [key, value] : facts->items) {
      const auto* name = key->as<std::string>();
      const auto* is_little = value->as<bool>();
      if (name && *name == "little_endian" && is_little && !*is_little)
        fail(ErrorCode::kUnsupported, "its numbers are big-endian; save it on a little-endian machine");
    }
  }

  // What follows the pickles says how many elements a storage has, but not of what size: the references do.
  void place_storages(const PickleValue& keys) {
    std::map<std::string, DataType> types;
    for (const PickleValue& value : pickles_.values())
      if (is_storage_reference(value)) {
        const StorageReference reference = read_reference(value);
        types[reference.key] = reference.type;
      }
    const auto* list = keys.as<PickleList>();
    if (!list) fail(ErrorCode::kInvalidModel, "the file has no list of storages");
    uint64_t position = pickles_.position();
    for (const PickleValue* key : list->elements) {
      const auto* name = key->as<std::string>();
      const auto type = name ? types.find(*name) : types.end();
      if (type == types.end())
        fail(ErrorCode::kInvalidModel, "the file lists a storage that nothing refers to");
      position = place_storage(*name, type->second, position);
    }
  }

  // Returns where the next one begins.
  uint64_t place_storage(const std::string& key, DataType type, uint64_t position) {
    const uint64_t file_size = file_->size();
    uint64_t count = 0;
    if (file_size - position < sizeof count) refuse(key);
    std::memcpy(&count, file_->data().data() + position, sizeof count);
    position += sizeof count;
    const uint64_t element = type == DataType::kUndefined ? 1 : bytes_for(type, 1);
    if (count > (file_size - position) / element) refuse(key);
    storages_[key] = buffer_of(SharedBytes(file_).part(position, count * element), kLargestElement);
    return position + count * element;
  }

  [[noreturn]] static void refuse(const std::string& key) {
    fail(ErrorCode::kInvalidModel, "the file ends before storage '{}' does", key);
  }

  std::shared_ptr<Buffer> storage(const StorageReference& reference) {
    const auto found = storages_.find(reference.key);
    if (found == storages_.end())
      fail(ErrorCode::kInvalidModel, "the file has no storage '{}'", reference.key);
    return found->second;
  }

  std::map<std::string, std::shared_ptr<Buffer>> storages_;
  SharedFile file_;
  PickleReader pickles_;
};

}  // namespace

bool is_legacy_checkpoint(const MappedFile& file) {
  const auto bytes = file.data();
  return bytes.size() >= kProtocolBytes + kMagic.size() &&
         std::memcmp(bytes.data() + kProtocolBytes, kMagic.data(), kMagic.size()) == 0;
}

Checkpoint read_legacy_checkpoint(const SharedFile& file) {
  return LegacyCheckpoint(file).read();
}

}  // namespace slipway::torch
