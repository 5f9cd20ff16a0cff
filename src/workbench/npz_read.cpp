#include "base/error.hpp"
#include "base/zip_archive.hpp"
#include "tensor/tensor_text.hpp"
#include "workbench/npy.hpp"
#include "workbench/npz.hpp"

namespace slipway::workbench {
namespace {

constexpr std::string_view kSuffix = ".npy";

std::string array_name(const ZipEntry& entry) {
  if (!entry.name.ends_with(kSuffix))
    fail(ErrorCode::kInvalidArgument, "the archive holds {}, which is no .npy file",
         slipway::quoted(entry.name));
  return entry.name.substr(0, entry.name.size() - kSuffix.size());
}

Tensor read_array(ZipArchive& archive, const ZipEntry& entry) {
  if (!entry.obstacle.empty()) fail(ErrorCode::kUnsupported, "{}", entry.obstacle);
  archive.account(entry);
  const auto buffer = Buffer::allocate(static_cast<size_t>(entry.size));
  archive.read(entry, {static_cast<std::byte*>(buffer->data()), buffer->size()});
  return parse_npy(buffer);
}

}  // namespace

NamedTensors read_npz(const std::filesystem::path& path) {
  return with_context([&] { return "file '" + path.string() + "'"; },
                      [&] {
                        ZipArchive archive(path, kMaxNpzEntries);
                        NamedTensors tensors;
                        for (const ZipEntry& entry : archive.entries()) {
                          const std::string name = array_name(entry);
                          with_context([&] { return "array " + slipway::quoted(name); },
                                       [&] { tensors.emplace_back(name, read_array(archive, entry)); });
                        }
                        return tensors;
                      });
}

}  // namespace slipway::workbench
