#include "onnx/write_model.hpp"

#include <system_error>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/mapped_file.hpp"
#include "onnx/write_entries.hpp"
#include "onnx/write_model_message.hpp"

namespace slipway {
namespace fs = std::filesystem;
namespace {

void require_file_name(const std::string& name) {
  const fs::path path(name);
  if (path.filename() != path || name == "." || name == ".." || name.find('\0') != std::string::npos)
    fail(ErrorCode::kInvalidArgument,
         "'{}' cannot be the external data file: say a file name without folder; it is written beside the "
         "model",
         name);
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

bool is_taken(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

std::string numbered(const std::string& name, int number) {
  return number == 0 ? name : name + "." + std::to_string(number);
}

std::string unused_file_name(const fs::path& folder, const std::string& name) {
  int number = 0;
  while (is_taken(folder / numbered(name, number))) ++number;
  return numbered(name, number);
}

// Is it "<model's file name>.data", or that with a number?
bool is_own_name(const std::string& name, const fs::path& model) {
  const std::string own = model.filename().string() + ".data";
  if (!name.starts_with(own)) return false;
  const std::string_view number = std::string_view(name).substr(own.size());
  return number.empty() || (number.size() > 1 && number[0] == '.' &&
                            number.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

// The data files that the model at `path` has and that are, by their names, its own.
std::vector<fs::path> owned_data_files(const fs::path& path) {
  std::vector<fs::path> owned;
  if (!is_taken(path)) return owned;
  try {
    const MappedFile model(path);
    const std::string_view bytes(reinterpret_cast<const char*>(model.data().data()), model.size());
    for (const auto& entry : fs::directory_iterator(folder_of(path))) {
      const std::string name = entry.path().filename().string();
      if (is_own_name(name, path) && bytes.find(encoded_entry("location", name)) != std::string_view::npos)
        owned.push_back(entry.path());
    }
  } catch (const std::exception&) {
    return {};  // what is there cannot be read, so it has no data either
  }
  return owned;
}

void write_tensors(const ExternalLayout& layout, AtomicFile& file) {
  static constexpr std::byte kPadding[4096] = {};
  uint64_t position = 0;
  for (const auto& [tensor, offset] : layout.tensors()) {
    file.write(std::span(kPadding, static_cast<size_t>(offset - position)));
    file.write(tensor.raw_bytes());
    position = offset + tensor.bytes();
  }
}

void write_message(const MessageWriter& message, AtomicFile& file) {
  message.for_each_piece([&](std::string_view piece) { file.write(piece); });
}

void require_size(const MessageWriter& message) {
  if (message.size() > kMaxModelFileBytes)
    fail(
        ErrorCode::kUnsupported,
        "the model takes {} bytes, but an .onnx file has room for {}: keep weights in an external data file, "
        "with a smaller threshold if there is one already",
        message.size(), kMaxModelFileBytes);
}

void write_alone(const MessageWriter& message, const fs::path& path) {
  AtomicFile file(path);
  write_message(message, file);
  file.commit();
}

// The data first: a model without its data must never be seen.
void write_with_data(const Model& model, const fs::path& path, const WriteOptions& options) {
  const std::vector<fs::path> replaced = owned_data_files(path);
  ExternalLayout layout(unused_file_name(folder_of(path), options.external_data_file));
  WriteContext context{options, &layout, 0};
  const MessageWriter message = write_model_message(model, context);
  require_size(message);
  if (layout.tensors().empty()) return write_alone(message, path);
  const fs::path data_path = folder_of(path) / layout.file();
  AtomicFile data(data_path);
  write_tensors(layout, data);
  AtomicFile file(path);
  write_message(message, file);
  data.commit();
  try {
    file.commit();
  } catch (...) {
    std::error_code ignored;
    fs::remove(data_path, ignored);
    throw;
  }
  for (const fs::path& old : replaced) {
    std::error_code ignored;
    fs::remove(old, ignored);
  }
}

void write(const Model& model, const fs::path& path, WriteOptions options) {
  if (options.external_data_file.empty()) {
    WriteContext context{options, nullptr, 0};
    const MessageWriter message = write_model_message(model, context);
    if (message.size() <= kMaxModelFileBytes) return write_alone(message, path);
    options.external_data_file = path.filename().string() + ".data";
  }
  require_file_name(options.external_data_file);
  // A link stays a link: the model and its data go to where it points.
  std::error_code not_there;
  const fs::path real = fs::canonical(path, not_there);
  write_with_data(model, not_there ? path : real, options);
}

}  // namespace

void write_model(const Model& model, const fs::path& path, const WriteOptions& options) {
  with_context([&] { return fmt::format("file '{}'", path.string()); }, [&] { write(model, path, options); });
}

bool fits_one_file(const Model& model) {
  WriteContext context;
  return write_model_message(model, context).size() <= kMaxModelFileBytes;
}

std::string write_model_bytes(const Model& model) {
  WriteContext context;
  const MessageWriter message = write_model_message(model, context);
  require_size(message);
  std::string bytes;
  bytes.reserve(static_cast<size_t>(message.size()));
  message.for_each_piece([&](std::string_view piece) { bytes.append(piece); });
  return bytes;
}

}  // namespace slipway
