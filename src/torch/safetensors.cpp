// The format of https://github.com/huggingface/safetensors: eight bytes with the header's length, the header
// in JSON ({"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}), then the data, which the
// tensors cover without gaps or overlaps.
#include <algorithm>
#include <cstring>
#include <set>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/checkpoint_forms.hpp"
#include "torch/json.hpp"

namespace slipway::torch {
namespace {

using json = Json;

// The format's own limit.
constexpr uint64_t kMostHeaderBytes = 100'000'000;
constexpr size_t kLengthBytes = 8;
// Objects in objects: two are needed.
constexpr size_t kMostNesting = 8;
constexpr size_t kMostShards = 10'000;
constexpr std::string_view kMetadata = "__metadata__";

struct NamedType {
  std::string_view name;
  DataType type;
};
constexpr NamedType kTypes[] = {{"F64", DataType::kDouble},         {"F32", DataType::kFloat},
                                {"F16", DataType::kFloat16},        {"BF16", DataType::kBfloat16},
                                {"I64", DataType::kInt64},          {"I32", DataType::kInt32},
                                {"I16", DataType::kInt16},          {"I8", DataType::kInt8},
                                {"U64", DataType::kUint64},         {"U32", DataType::kUint32},
                                {"U16", DataType::kUint16},         {"U8", DataType::kUint8},
                                {"BOOL", DataType::kBool},          {"F8_E4M3", DataType::kFloat8e4m3fn},
                                {"F8_E5M2", DataType::kFloat8e5m2}, {"F8_E8M0", DataType::kFloat8e8m0},
                                {"F4", DataType::kFloat4e2m1},      {"C64", DataType::kComplex64}};

DataType type_named(const std::string& name) {
  for (const NamedType& type : kTypes)
    if (type.name == name) return type.type;
  fail(ErrorCode::kUnsupported, "'{}' is not an element type that is read", name);
}

uint64_t header_length(const MappedFile& file) {
  uint64_t length = 0;
  std::memcpy(&length, file.data().data(), kLengthBytes);
  return length;
}

std::vector<int64_t> integers_of(const json& object, const char* field) {
  const auto found = object.find(field);
  if (found == object.end() || !found->is_array()) fail(ErrorCode::kInvalidModel, "it states no {}", field);
  std::vector<int64_t> numbers;
  for (const json& element : *found) {
    if (!element.is_number_unsigned() || element.get<uint64_t>() > uint64_t{1} << 62)
      fail(ErrorCode::kInvalidModel, "its {} holds {}, which is no size", field, element.dump());
    numbers.push_back(element.get<int64_t>());
  }
  return numbers;
}

struct Placed {
  Checkpoint::Entry entry;
  uint64_t begin = 0, end = 0;
};

class SafetensorsFile {
 public:
  explicit SafetensorsFile(const SharedFile& file)
      : file_(file), data_begin_(kLengthBytes + header_length(*file)) {}

  Checkpoint read() {
    const auto* text = reinterpret_cast<const char*>(file_->data().data()) + kLengthBytes;
    const json header = parse_json({text, data_begin_ - kLengthBytes}, kMostNesting);
    if (!header.is_object()) fail(ErrorCode::kInvalidModel, "the header is no JSON object");
    Checkpoint checkpoint{"safetensors", {}, {}};
    std::vector<Placed> placed;
    for (const auto& [name, value] : header.items()) {
      if (name == kMetadata)
        add_metadata(value, checkpoint);
      else
        with_context([&, &key = name] { return "entry " + slipway::quoted(key); },
                     [&, &key = name, &object = value] { placed.push_back(place(key, object)); });
    }
    std::stable_sort(placed.begin(), placed.end(),
                     [](const Placed& a, const Placed& b) { return a.begin < b.begin; });
    require_cover(placed);
    for (Placed& one : placed) checkpoint.tensors.push_back(std::move(one.entry));
    return checkpoint;
  }

 private:
  static void add_metadata(const json& metadata, Checkpoint& checkpoint) {
    if (!metadata.is_object()) fail(ErrorCode::kInvalidModel, "{} is no JSON object", kMetadata);
    for (const auto& [name, value] : metadata.items())
      checkpoint.others.push_back(
          {name, value.is_string() ? slipway::quoted(value.get<std::string>()) : value.dump()});
  }

  Placed place(const std::string& name, const json& object) {
    const auto dtype = object.is_object() ? object.find("dtype") : object.end();
    if (dtype == object.end() || !dtype->is_string()) fail(ErrorCode::kInvalidModel, "it states no dtype");
    const DataType type = type_named(dtype->get<std::string>());
    Dims dims = integers_of(object, "shape");
    const auto offsets = integers_of(object, "data_offsets");
    const uint64_t available = file_->size() - data_begin_;
    if (offsets.size() != 2 || offsets[0] > offsets[1] || static_cast<uint64_t>(offsets[1]) > available)
      fail(ErrorCode::kInvalidModel, "its data_offsets are not inside the file's {} bytes of data",
           available);
    const auto begin = static_cast<uint64_t>(offsets[0]), end = static_cast<uint64_t>(offsets[1]);
    const size_t bytes = bytes_for(type, element_count(dims));
    if (bytes != end - begin)
      fail(ErrorCode::kInvalidModel, "{}{} takes {} bytes, but its data_offsets leave {}",
           slipway::name_of(type), to_string(dims), bytes, end - begin);
    auto buffer = buffer_of(SharedBytes(file_).part(data_begin_ + begin, bytes),
                            std::max<size_t>(bytes_for(type, 1), 1));
    return {{name, with_valid_bools(Tensor(type, std::move(dims), std::move(buffer)))}, begin, end};
  }

  void require_cover(const std::vector<Placed>& placed) const {
    uint64_t position = 0;
    for (const Placed& one : placed) {
      if (one.begin != position)
        fail(ErrorCode::kInvalidModel, "entry {} begins at byte {} of the data, but {} was expected",
             slipway::quoted(one.entry.name), one.begin, position);
      position = one.end;
    }
    if (position != file_->size() - data_begin_)
      fail(ErrorCode::kInvalidModel, "the file has {} bytes of data, but its tensors take {}",
           file_->size() - data_begin_, position);
  }

  SharedFile file_;
  uint64_t data_begin_;
};

Checkpoint read_shard(const std::filesystem::path& path) {
  return with_context([&] { return "file '" + path.string() + "'"; },
                      [&] {
                        const auto file = std::make_shared<const MappedFile>(path);
                        if (!is_safetensors(*file))
                          fail(ErrorCode::kInvalidModel, "it is no safetensors file");
                        return read_safetensors(file);
                      });
}

// A name in the index's folder and nothing else.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

}  // namespace

bool is_safetensors(const MappedFile& file) {
  if (file.size() < kLengthBytes + 2) return false;
  const uint64_t length = header_length(file);
  return length >= 2 && length <= kMostHeaderBytes && length <= file.size() - kLengthBytes &&
         static_cast<char>(file.data()[kLengthBytes]) == '{';
}

Checkpoint read_safetensors(const SharedFile& file) {
  return SafetensorsFile(file).read();
}

bool is_safetensors_index(const MappedFile& file) {
  constexpr std::string_view kKey = "\"weight_map\"";
  if (file.size() == 0 || file.size() > kMostHeaderBytes || static_cast<char>(file.data()[0]) != '{')
    return false;
  return std::string_view(reinterpret_cast<const char*>(file.data().data()), file.size()).find(kKey) !=
         std::string_view::npos;
}

Checkpoint read_sharded_safetensors(const SharedFile& index) {
  const json content = parse_json(SharedBytes(index).text(), kMostNesting);
  const auto map = content.find("weight_map");
  if (map == content.end() || !map->is_object()) fail(ErrorCode::kInvalidModel, "it has no weight_map");
  std::set<std::string> shards;
  std::set<std::string> wanted;
  for (const auto& [name, shard] : map->items()) {
    if (!shard.is_string() || !is_plain_name(shard.get<std::string>()))
      fail(ErrorCode::kInvalidModel, "entry {} is in no file of this folder", slipway::quoted(name));
    shards.insert(shard.get<std::string>());
    wanted.insert(name);
  }
  if (shards.size() > kMostShards) fail(ErrorCode::kInvalidModel, "it names more than {} files", kMostShards);
  Checkpoint whole{"safetensors", {}, {}};
  for (const std::string& shard : shards) {
    Checkpoint part = read_shard(index->path().parent_path() / shard);
    for (Checkpoint::Entry& entry : part.tensors) {
      const auto place = map->find(entry.name);
      if (place == map->end() || place->get<std::string>() != shard) continue;
      wanted.erase(entry.name);
      whole.tensors.push_back(std::move(entry));
    }
  }
  if (!wanted.empty())
    fail(ErrorCode::kInvalidModel, "{} entries of the index are in none of its files, among them {}",
         wanted.size(), slipway::quoted(*wanted.begin()));
  return whole;
}

}  // namespace slipway::torch
