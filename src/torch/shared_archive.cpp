#include "torch/shared_archive.hpp"

#include <cstring>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"

namespace slipway::torch {
namespace {

constexpr uint64_t kMostFiles = 1'000'000;

}  // namespace

std::shared_ptr<Buffer> buffer_of(const SharedBytes& bytes, size_t alignment) {
  const std::span<const std::byte> all = bytes.bytes;
  if (reinterpret_cast<uintptr_t>(all.data()) % alignment == 0)
    return std::make_shared<Buffer>(const_cast<std::byte*>(all.data()), all.size(), Device{},
                                    [owner = bytes.owner](void*) {});
  auto copy = Buffer::allocate(all.size());
  if (!all.empty()) std::memcpy(copy->data(), all.data(), all.size());
  return copy;
}

SharedArchive::SharedArchive(SharedBytes bytes, uint64_t most_allowance)
    : bytes_(std::move(bytes)), zip_(bytes_.bytes, kMostFiles, most_allowance) {}

const ZipEntry& SharedArchive::at(const std::string& name) const {
  const ZipEntry* entry = find(name);
  if (!entry) fail(ErrorCode::kInvalidModel, "the archive has no entry {}", slipway::quoted(name));
  return *entry;
}

SharedBytes SharedArchive::bytes_of(const ZipEntry& entry) {
  return with_context([&] { return "entry " + slipway::quoted(entry.name); },
                      [&]() -> SharedBytes {
                        if (const auto offset = zip_.offset_of(entry))
                          return bytes_.part(*offset, entry.size);
                        zip_.account(entry);
                        const auto buffer = Buffer::allocate(static_cast<size_t>(entry.size));
                        const std::span<std::byte> to(static_cast<std::byte*>(buffer->data()),
                                                      buffer->size());
                        zip_.read(entry, to);
                        return {to, buffer};
                      });
}

bool is_zip_archive(const MappedFile& file) {
  return SharedBytes(file.data(), nullptr).text().starts_with("PK\3\4");
}

}  // namespace slipway::torch
