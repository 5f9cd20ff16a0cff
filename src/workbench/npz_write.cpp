#include <zlib.h>

#include <set>

#include "base/error.hpp"
#include "workbench/npy.hpp"
#include "workbench/npz.hpp"
#include "workbench/zip_writer.hpp"

namespace slipway::workbench {
namespace {

void check_names(const NamedTensors& tensors) {
  std::set<std::string_view> names;
  for (const auto& [name, tensor] : tensors) {
    if (name.find('\0') != std::string::npos)
      fail(ErrorCode::kInvalidArgument, "an array's name has NUL inside: '{}'", name.c_str());
    if (!names.insert(name).second) fail(ErrorCode::kInvalidArgument, "two arrays have the name '{}'", name);
  }
}

void write_entry(ZipWriter& zip, AtomicFile& file, const std::string& name, const Tensor& tensor) {
  // The checksum stands before the bytes, so they are formatted twice.
  uint64_t size = 0;
  uLong crc = crc32_z(0, nullptr, 0);
  format_npy(tensor, [&](std::span<const std::byte> bytes) {
    size += bytes.size();
    if (!bytes.empty()) crc = crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  });
  zip.begin_entry(name + ".npy", size, static_cast<uint32_t>(crc));
  format_npy(tensor, [&](std::span<const std::byte> bytes) { file.write(bytes); });
}

}  // namespace

void write_npz(const std::filesystem::path& path, const NamedTensors& tensors) {
  with_context([&] { return "file '" + path.string() + "'"; },
               [&] {
                 check_names(tensors);
                 AtomicFile file(path);
                 ZipWriter zip(file);
                 for (const auto& [name, tensor] : tensors)
                   with_context(
                       [&, &array = name] { return "array '" + array + "'"; },
                       [&, &array = name, &value = tensor] { write_entry(zip, file, array, value); });
                 zip.finish();
                 file.commit();
               });
}

}  // namespace slipway::workbench
