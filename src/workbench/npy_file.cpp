#include <cstring>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/mapped_file.hpp"
#include "workbench/npy.hpp"

namespace slipway::workbench {
namespace {

// A copy: the file may change or go away later, the tensor must not.
std::shared_ptr<Buffer> read_whole(const std::filesystem::path& path) {
  const MappedFile file(path);
  auto buffer = Buffer::allocate(file.size());
  if (file.size() > 0) std::memcpy(buffer->data(), file.data().data(), file.size());
  file.check_undamaged();
  return buffer;
}

}  // namespace

Tensor read_npy(const std::filesystem::path& path) {
  return with_context([&] { return "file '" + path.string() + "'"; },
                      [&] { return parse_npy(read_whole(path)); });
}

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  with_context([&] { return "file '" + path.string() + "'"; },
               [&] {
                 AtomicFile file(path);
                 format_npy(tensor, [&](std::span<const std::byte> bytes) { file.write(bytes); });
                 file.commit();
               });
}

}  // namespace slipway::workbench
