// The layout that PyTorch writes since 2.8 (torch/export/pt2_archive):
//   NAME/archive_format, NAME/archive_version, NAME/byteorder
//   NAME/models/MODEL.json                                the program
//   NAME/data/weights/MODEL_weights_config.json           where each tensor is: storage, type, sizes, strides
//   NAME/data/weights/weight_0 …                          storages as they are in memory
//   NAME/data/constants/…                                 the same for constants
//   NAME/data/sample_inputs/MODEL.pt                      the example inputs, by torch.save
#include "torch/program/archive.hpp"

#include <optional>

#include "base/error.hpp"
#include "base/zip_archive.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/program/enumerators.hpp"
#include "torch/program/json.hpp"
#include "torch/storage_view.hpp"

namespace slipway::torch {
namespace {

constexpr uint64_t kMostFiles = 1'000'000;
constexpr std::string_view kFormatMember = "/archive_format";
constexpr std::string_view kArchiveVersion = "0";
constexpr size_t kConfigNesting = 16;
constexpr size_t kLargestElement = 16;

// {"as_int": 3}
int64_t known_size(const Json& size) {
  const Choice choice = choice_of(size, "a size");
  if (choice.kind != "as_int")
    fail(ErrorCode::kInvalidModel, "a size of a stored tensor is {}, but a number was expected",
         slipway::quoted(choice.kind));
  return as_integer(choice.value, "as_int");
}

Dims known_sizes(const Json& meta, const std::string& name) {
  Dims sizes;
  for (const Json& size : array_at(meta, name)) sizes.push_back(known_size(size));
  return sizes;
}

class ArchiveReader {
 public:
  explicit ArchiveReader(const SharedFile& file) : file_(file), zip_(file->path(), kMostFiles) {}

  // "model" of "archive/archive_format"; nothing where there is none.
  bool find_folder() {
    for (const ZipEntry& entry : zip_.entries())
      if (entry.name.ends_with(kFormatMember) &&
          entry.name.find('/') == entry.name.size() - kFormatMember.size()) {
        folder_ = entry.name.substr(0, entry.name.size() - kFormatMember.size() + 1);
        return true;
      }
    return false;
  }

  ProgramArchive read() {
    require("archive_format", "pt2");
    require("archive_version", kArchiveVersion);
    if (zip_.find(folder_ + "byteorder")) require("byteorder", "little");
    const std::string model = find_model();
    ProgramArchive archive;
    archive.format = fmt::format("PyTorch program, archive version {}", kArchiveVersion);
    archive.json = bytes_of(folder_ + "models/" + model + ".json");
    read_tensors("data/weights/", model + "_weights_config.json", archive.weights);
    read_tensors("data/constants/", model + "_constants_config.json", archive.constants);
    return archive;
  }

 private:
  void require(const std::string& member, std::string_view expected) {
    const auto bytes = bytes_of(folder_ + member);
    const std::string_view content(static_cast<const char*>(bytes->data()), bytes->size());
    if (content != expected)
      fail(ErrorCode::kUnsupported,
           "its {} is {}, but only {} is read; save it with a PyTorch from 2.1 to 2.13", member,
           slipway::quoted(content), slipway::quoted(expected));
  }

  // The name of the only program.
  std::string find_model() const {
    const std::string begin = folder_ + "models/";
    constexpr std::string_view kEnd = ".json";
    std::vector<std::string> models;
    for (const ZipEntry& entry : zip_.entries())
      if (entry.name.starts_with(begin) && entry.name.ends_with(kEnd))
        models.push_back(entry.name.substr(begin.size(), entry.name.size() - begin.size() - kEnd.size()));
    if (models.empty())
      fail(ErrorCode::kUnsupported,
           "the archive holds no exported program (compiled ones are not read); write one with "
           "torch.export.save");
    if (models.size() > 1)
      fail(ErrorCode::kUnsupported, "the archive holds {} programs, among them {} and {}; save one alone",
           models.size(), slipway::quoted(models[0]), slipway::quoted(models[1]));
    return models[0];
  }

  std::shared_ptr<Buffer> bytes_of(const std::string& name) {
    const ZipEntry* entry = zip_.find(name);
    if (!entry) fail(ErrorCode::kInvalidModel, "the archive has no member {}", slipway::quoted(name));
    return with_context([&] { return "member " + slipway::quoted(name); },
                        [&] {
                          if (const auto offset = zip_.offset_of(*entry))
                            return buffer_of(file_, *offset, entry->size, kLargestElement);
                          zip_.account(*entry);
                          auto buffer = Buffer::allocate(static_cast<size_t>(entry->size));
                          zip_.read(*entry, {static_cast<std::byte*>(buffer->data()), buffer->size()});
                          return buffer;
                        });
  }

  void read_tensors(const std::string& folder, const std::string& config,
                    std::unordered_map<std::string, Tensor>& tensors) {
    const auto bytes = bytes_of(folder_ + folder + config);
    const Json json = parse_json({static_cast<const char*>(bytes->data()), bytes->size()}, kConfigNesting);
    std::unordered_map<std::string, std::shared_ptr<Buffer>> storages;
    for (const auto& [name, payload] : as_object(member(json, "config"), "config"))
      with_context([&, &key = name] { return "tensor " + slipway::quoted(key); },
                   [&, &key = name, &value = payload] {
                     auto& storage = storages[text_at(value, "path_name")];
                     if (!storage) storage = bytes_of(folder_ + folder + text_at(value, "path_name"));
                     if (const auto tensor = read_tensor(value, storage)) tensors.emplace(key, *tensor);
                   });
  }

  // Nothing for a custom object: who uses one is told then.
  static std::optional<Tensor> read_tensor(const Json& payload, const std::shared_ptr<Buffer>& storage) {
    const Json* meta = find_member(payload, "tensor_meta");
    const Json* pickled = find_member(payload, "use_pickle");
    if (!meta) return std::nullopt;
    if (pickled && as_bool(*pickled, "use_pickle")) return std::nullopt;
    return view_of(storage, program_data_type(as_integer(member(*meta, "dtype"), "dtype")),
                   known_size(member(*meta, "storage_offset")), known_sizes(*meta, "sizes"),
                   known_sizes(*meta, "strides"));
  }

  SharedFile file_;
  ZipArchive zip_;
  std::string folder_;  // "archive/"
};

bool is_zip_archive(const MappedFile& file) {
  constexpr std::string_view kBegin = "PK\3\4";
  return std::string_view(reinterpret_cast<const char*>(file.data().data()), file.size()).starts_with(kBegin);
}

}  // namespace

bool is_program_archive(const SharedFile& file) {
  if (!is_zip_archive(*file)) return false;
  return ArchiveReader(file).find_folder();
}

ProgramArchive read_program_archive(const SharedFile& file) {
  ArchiveReader reader(file);
  if (!reader.find_folder()) fail(ErrorCode::kUnsupported, "this is no file of torch.export.save's");
  return reader.read();
}

}  // namespace slipway::torch
