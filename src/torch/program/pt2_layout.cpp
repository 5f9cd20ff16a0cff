// The layout that PyTorch writes since 2.8 (torch/export/pt2_archive):
//   NAME/archive_format, NAME/archive_version, NAME/byteorder
//   NAME/models/MODEL.json                                the program
//   NAME/data/weights/MODEL_weights_config.json           where each tensor is: storage, type, sizes, strides
//   NAME/data/weights/weight_0 …                          storages as they are in memory
//   NAME/data/constants/…                                 the same for constants
//   NAME/data/sample_inputs/MODEL.pt                      the example inputs, by torch.save
#include <optional>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/program/archive_layouts.hpp"
#include "torch/program/enumerators.hpp"
#include "torch/saved_object.hpp"
#include "torch/storage_view.hpp"

namespace slipway::torch {
namespace {

constexpr std::string_view kFormatMember = "/archive_format";
constexpr size_t kConfigNesting = 16;
constexpr size_t kLargestElement = 16;

// "model/" of "model/archive_format"; nothing where there is none.
std::optional<std::string> folder_of(const SharedArchive& archive) {
  for (const ZipEntry& entry : archive.entries())
    if (entry.name.ends_with(kFormatMember) &&
        entry.name.find('/') == entry.name.size() - kFormatMember.size())
      return entry.name.substr(0, entry.name.size() - kFormatMember.size() + 1);
  return std::nullopt;
}

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

class Pt2Reader {
 public:
  explicit Pt2Reader(SharedArchive& archive) : archive_(archive), folder_(*folder_of(archive)) {}

  ProgramArchive read() {
    require("archive_format", "pt2");
    require("archive_version", "0");
    if (archive_.find(folder_ + "byteorder")) require("byteorder", "little");
    const std::string model = find_model();
    ProgramArchive result;
    result.format = "PyTorch program (pt2 archive)";
    result.program = read_program_json(archive_, archive_.at(folder_ + "models/" + model + ".json"));
    result.weights = read_tensors("data/weights/", model, "_weights_config.json");
    result.constants = read_tensors("data/constants/", model, "_constants_config.json");
    if (const ZipEntry* examples = archive_.find(folder_ + "data/sample_inputs/" + model + ".pt"))
      result.examples = read_saved_examples(archive_, *examples);
    return result;
  }

 private:
  void require(const std::string& member, std::string_view expected) {
    const SharedBytes content = archive_.bytes_of(archive_.at(folder_ + member));
    if (content.text() != expected)
      fail(ErrorCode::kUnsupported, "its {} is {}, but only {} is read; PyTorch 2.1 to 2.13 write such files",
           member, slipway::quoted(content.text()), slipway::quoted(expected));
  }

  // The name of the only program.
  std::string find_model() const {
    const std::string begin = folder_ + "models/";
    constexpr std::string_view kEnd = ".json";
    std::vector<std::string> models;
    for (const ZipEntry& entry : archive_.entries())
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

  NamedTensors read_tensors(const std::string& folder, const std::string& model,
                            const std::string& config_end) {
    if (const ZipEntry* saved = archive_.find(folder_ + folder + model + ".pt"))
      return read_saved_tensors(archive_, *saved);
    const ZipEntry& entry = archive_.at(folder_ + folder + model + config_end);
    const Json config = parse_json(archive_.bytes_of(entry).text(), kConfigNesting);
    NamedTensors tensors;
    std::unordered_map<std::string, std::shared_ptr<Buffer>> storages;
    for (const auto& [name, payload] : as_object(member(config, "config"), "config"))
      with_context([&, &key = name] { return "tensor " + slipway::quoted(key); },
                   [&, &key = name, &value = payload] {
                     const std::string place = folder_ + folder + text_at(value, "path_name");
                     if (const auto tensor = read_tensor(value, place, storages))
                       tensors.emplace(key, *tensor);
                   });
    return tensors;
  }

  // Nothing for a custom object: who uses one is told then.
  std::optional<Tensor> read_tensor(const Json& payload, const std::string& place,
                                    std::unordered_map<std::string, std::shared_ptr<Buffer>>& storages) {
    const Json* meta = find_member(payload, "tensor_meta");
    if (!meta) return std::nullopt;
    const Json* pickled = find_member(payload, "use_pickle");
    if (pickled && as_bool(*pickled, "use_pickle")) {
      auto& tensor = pickled_[place];
      if (tensor) return tensor;
      SavedObject saved(archive_.bytes_of(archive_.at(place)), archive_.allowance());
      tensor = find_tensor_record(saved.root(), saved.find_storage());
      if (!tensor) fail(ErrorCode::kUnsupported, "it is {}, not a tensor", saved.root().describe());
      return tensor;
    }
    auto& storage = storages[place];
    if (!storage) storage = buffer_of(archive_.bytes_of(archive_.at(place)), kLargestElement);
    return view_of(storage, program_data_type(as_integer(member(*meta, "dtype"), "dtype")),
                   known_size(member(*meta, "storage_offset")), known_sizes(*meta, "sizes"),
                   known_sizes(*meta, "strides"));
  }

  SharedArchive& archive_;
  std::string folder_;                                              // "model/"
  std::unordered_map<std::string, std::optional<Tensor>> pickled_;  // by their places, opened once
};

}  // namespace

bool has_pt2_layout(const SharedArchive& archive) {
  return folder_of(archive).has_value();
}

ProgramArchive read_pt2_layout(SharedArchive& archive) {
  return Pt2Reader(archive).read();
}

}  // namespace slipway::torch
