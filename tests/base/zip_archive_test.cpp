// Archives above 4 GB, whose places stand in fields of 64 bits. What smaller ones can have wrong is in
// tests/workbench/npz_test.cpp and tests/torch/hostile_checkpoint_test.cpp; that PyTorch's own files are read
// is in tests/oracles/.
#include "base/zip_archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "base/error.hpp"
#include "base/scratch_folder.hpp"

namespace slipway {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr uint64_t kFar = uint64_t{5} << 30;

std::string little_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

// An archive with a hole in it: "first" at its begin, "far" behind kFar bytes. By the format's description.
class LargeArchive {
 public:
  std::string content = "some bytes";
  uint64_t stated_offset = kFar, directory_size_error = 0;

  std::filesystem::path write(const ScratchFolder& folder) const {
    const std::filesystem::path path = folder.path() / "large.zip";
    std::ofstream file(path, std::ios::binary);
    file << local("first");
    file.seekp(static_cast<std::streamoff>(kFar));
    file << local("far");
    const auto begin = static_cast<uint64_t>(file.tellp());
    const std::string directory =
        central("first", little_endian(0, 4), "") +
        central("far", little_endian(0xffffffff, 4),
                little_endian(1, 2) + little_endian(8, 2) + little_endian(stated_offset, 8));
    file << directory << "PK\6\6" << little_endian(44, 8) << little_endian(45, 2) << little_endian(45, 2)
         << little_endian(0, 8) << little_endian(2, 8) << little_endian(2, 8)
         << little_endian(directory.size() + directory_size_error, 8) << little_endian(begin, 8) << "PK\6\7"
         << little_endian(0, 4) << little_endian(begin + directory.size(), 8) << little_endian(1, 4)
         << "PK\5\6" << little_endian(0, 4) << little_endian(0xffff, 2) << little_endian(0xffff, 2)
         << little_endian(0xffffffff, 4) << little_endian(0xffffffff, 4) << little_endian(0, 2);
    return path;
  }

 private:
  std::string numbers(const std::string& name, const std::string& extra) const {
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
    return little_endian(45, 2) + little_endian(0, 8) + little_endian(crc, 4) +
           little_endian(content.size(), 4) + little_endian(content.size(), 4) +
           little_endian(name.size(), 2) + little_endian(extra.size(), 2);
  }
  std::string local(const std::string& name) const { return "PK\3\4" + numbers(name, "") + name + content; }
  std::string central(const std::string& name, const std::string& offset, const std::string& extra) const {
    return "PK\1\2" + little_endian(45, 2) + numbers(name, extra) + std::string(10, '\0') + offset + name +
           extra;
  }
};

TEST(ZipArchive, ReadsBeyondFourGigabytes) {
  const ScratchFolder folder;
  const LargeArchive large;
  ZipArchive archive(large.write(folder), 10);
  ASSERT_EQ(archive.entries().size(), 2u);
  for (const char* name : {"first", "far"}) {
    const ZipEntry* entry = archive.find(name);
    ASSERT_TRUE(entry);
    std::string content(entry->size, '\0');
    archive.read(*entry, std::as_writable_bytes(std::span(content)));
    EXPECT_EQ(content, large.content);
  }
  EXPECT_EQ(archive.offset_of(*archive.find("far")), kFar + 30 + 3);
}

TEST(ZipArchive, RefusesPlacesThatAreNotThere) {
  const ScratchFolder folder;
  LargeArchive large;
  large.stated_offset = uint64_t{1} << 60;
  const auto path = large.write(folder);
  EXPECT_THAT([&] { ZipArchive(path, 10); }, ThrowsMessage<Error>(HasSubstr("list of files is damaged")));
}

TEST(ZipArchive, RefusesAListThatIsNotThere) {
  const ScratchFolder folder;
  LargeArchive large;
  large.directory_size_error = kFar * 2;
  const auto path = large.write(folder);
  EXPECT_THAT([&] { ZipArchive(path, 10); }, ThrowsMessage<Error>(HasSubstr("list of files is damaged")));
}

}  // namespace
}  // namespace slipway
