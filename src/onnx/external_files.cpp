#include "onnx/external_files.hpp"

#include <algorithm>
#include <system_error>

#include "base/error.hpp"
#include "onnx/message_reader.hpp"

namespace slipway {
namespace fs = std::filesystem;
namespace {

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

// Both are real paths.
bool lies_under(const fs::path& file, const fs::path& folder) {
  const auto [in_folder, in_file] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return in_folder == folder.end() && in_file != file.end();
}

void require_plain_relative(const std::string& location) {
  const fs::path path(location);
  const bool climbs =
      std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
  if (location.empty() || location.find('\0') != std::string::npos || path.is_absolute() || climbs)
    fail(ErrorCode::kInvalidModel,
         "external data at '{}' is refused: the location must be a path inside the model's folder, relative "
         "and without '..'; move the file there and correct the model",
         shown(location));
}

fs::path real_path(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  return error ? fs::path() : real;
}

}  // namespace

std::shared_ptr<Buffer> buffer_over(std::shared_ptr<MappedFile> file) {
  // The mapping is read-only; Buffer has one pointer for memory of either kind.
  void* data = const_cast<std::byte*>(file->data().data());
  const size_t size = file->size();
  return std::make_shared<Buffer>(data, size, Device{}, [file = std::move(file)](void*) {});
}

ExternalFiles ExternalFiles::beside(const fs::path& model) {
  ExternalFiles files = in(folder_of(model));
  const fs::path real = real_path(model);
  if (!real.empty()) files.folders_.push_back(folder_of(real));
  return files;
}

ExternalFiles ExternalFiles::in(const fs::path& folder) {
  ExternalFiles files;
  const fs::path real = real_path(folder);
  if (!real.empty()) files.folders_.push_back(real);
  return files;
}

fs::path ExternalFiles::find(const std::string& location) const {
  for (const fs::path& folder : folders_)
    if (fs::path real = real_path(folder / location); !real.empty()) return real;
  fail(ErrorCode::kNotFound,
       "the external data file '{}' is not in '{}': copy it there from where the model came", shown(location),
       folders_.front().string());
}

fs::path ExternalFiles::confine(const std::string& location) const {
  require_plain_relative(location);
  fs::path real = find(location);
  const bool inside = std::any_of(folders_.begin(), folders_.end(),
                                  [&](const fs::path& folder) { return lies_under(real, folder); });
  if (!inside)
    fail(ErrorCode::kInvalidModel,
         "external data at '{}' is refused: it is a link to '{}', outside the model's folder; copy the file "
         "into the folder",
         shown(location), real.string());
  return real;
}

std::shared_ptr<Buffer> ExternalFiles::open(const std::string& location) {
  if (folders_.empty())
    fail(ErrorCode::kInvalidModel,
         "the model keeps data in the external file '{}', but was read from memory: say in which folder its "
         "external data lies, or read it from its file",
         shown(location));
  const fs::path real = confine(location);
  Open& entry = open_[real];
  if (!entry.file) entry.file = std::make_shared<MappedFile>(real);
  if (!entry.buffer) entry.buffer = buffer_over(entry.file);
  return entry.buffer;
}

void ExternalFiles::check_undamaged() const {
  for (const auto& [path, entry] : open_) entry.file->check_undamaged();
}

}  // namespace slipway
