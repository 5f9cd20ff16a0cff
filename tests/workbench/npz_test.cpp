// Archives of arrays: what is written is read again; damaged and deceiving ones are errors.
#include "workbench/npz.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "base/error_from.hpp"
#include "base/scratch_folder.hpp"

namespace slipway::workbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

NamedTensors some_tensors() {
  Tensor counted(DataType::kInt32, {40});
  for (int32_t i = 0; i < 40; ++i) counted.data<int32_t>()[static_cast<size_t>(i)] = i * i;
  return {{"x", counted},
          {"grün/日本", Tensor::scalar(2.5f)},
          {"text", Tensor::scalar(std::string("hello"))},
          {"", Tensor(DataType::kFloat, {0, 4})}};
}

std::string npz_error(const std::filesystem::path& path) {
  return error_from([&] { read_npz(path); });
}

TEST(Npz, RoundTrips) {
  const ScratchFolder folder;
  const auto tensors = some_tensors();
  write_npz(folder.path() / "a.npz", tensors);
  write_npz(folder.path() / "b.npz", tensors);
  EXPECT_EQ(ScratchFolder::read(folder.path() / "a.npz"), ScratchFolder::read(folder.path() / "b.npz"));
  const auto again = read_npz(folder.path() / "a.npz");
  ASSERT_EQ(again.size(), tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    EXPECT_EQ(again[i].first, tensors[i].first);
    EXPECT_TRUE(identical(again[i].second, tensors[i].second)) << tensors[i].first;
  }
  write_npz(folder.path() / "none.npz", {});
  EXPECT_TRUE(read_npz(folder.path() / "none.npz").empty());
}

TEST(Npz, NamesAreUnique) {
  const ScratchFolder folder;
  const Tensor one = Tensor::scalar(1.0f);
  EXPECT_THROW(write_npz(folder.path() / "a.npz", {{"x", one}, {"x", one}}), Error);
  EXPECT_THROW(write_npz(folder.path() / "a.npz", {{std::string("x\0y", 3), one}}), Error);
  EXPECT_THROW(write_npz(folder.path() / "a.npz", {{std::string(70000, 'x'), one}}), Error);
  EXPECT_TRUE(folder.names().empty());
}

TEST(Npz, NoArchive) {
  const ScratchFolder folder;
  EXPECT_THAT(npz_error(folder.path() / "none.npz"), HasSubstr("No such file"));
  EXPECT_THAT(npz_error(folder.path()), HasSubstr("it is a folder"));
  EXPECT_THAT(npz_error(folder.write("empty.npz", "")), HasSubstr("no zip archive"));
  EXPECT_THAT(npz_error(folder.write("text.npz", "some text")), HasSubstr("no zip archive"));
}

// A zip archive of one deflated entry, by the format's description.
std::string little_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string deflated(const std::string& content) {
  std::string packed(compressBound(content.size()), '\0');
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

struct Zip {
  std::string name = "x.npy";
  std::string content;
  uint64_t stated_size;
  uint64_t flags = 0, method = 8;

  explicit Zip(std::string bytes) : content(std::move(bytes)), stated_size(content.size()) {}

  std::string bytes(int entries = 1) const {
    const std::string packed = deflated(content);
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
    const std::string common = little_endian(20, 2) + little_endian(flags, 2) + little_endian(method, 2) +
                               little_endian(0, 4) + little_endian(crc, 4) + little_endian(packed.size(), 4) +
                               little_endian(stated_size, 4) + little_endian(name.size(), 2) +
                               little_endian(0, 2);
    const std::string local = "PK\3\4" + common + name + packed;
    const std::string central = "PK\1\2" + little_endian(20, 2) + common + std::string(14, '\0') + name;
    std::string directory;
    for (int i = 0; i < entries; ++i) directory += central;
    const auto count = static_cast<uint64_t>(entries);
    return local + directory + "PK\5\6" + little_endian(0, 4) + little_endian(count, 2) +
           little_endian(count, 2) + little_endian(directory.size(), 4) + little_endian(local.size(), 4) +
           little_endian(0, 2);
  }
};

std::string npy_of_zeros(size_t bytes) {
  std::string literal =
      "{'descr': '|u1', 'fortran_order': False, 'shape': (" + std::to_string(bytes) + ",), }";
  literal.resize(118, ' ');
  return "\x93NUMPY" + std::string("\x01\x00\x76\x00", 4) + literal + std::string(bytes, '\0');
}

TEST(Npz, EntriesThatAreWrong) {
  const ScratchFolder folder;
  const auto error_with = [&](auto&& change, int entries = 1) {
    Zip zip(npy_of_zeros(300));
    change(zip);
    return npz_error(folder.write("a.npz", zip.bytes(entries)));
  };
  EXPECT_EQ(error_with([](Zip&) {}), "no error");
  EXPECT_THAT(error_with([](Zip& zip) { zip.name = "x.txt"; }), HasSubstr("\"x.txt\", which is no .npy"));
  EXPECT_THAT(error_with([](Zip& zip) { zip.name = std::string("a\0.npy", 6); }), HasSubstr("NUL"));
  EXPECT_THAT(error_with([](Zip&) {}, 2), HasSubstr("\"x.npy\" twice"));
  EXPECT_THAT(error_with([](Zip& zip) { zip.flags = 1; }), HasSubstr("encrypted"));
  EXPECT_THAT(error_with([](Zip& zip) { zip.method = 12; }), HasSubstr("method 12"));
  EXPECT_THAT(error_with([](Zip& zip) { zip.stated_size += 1; }), HasSubstr("array \"x\""));
  EXPECT_THAT(error_with([](Zip& zip) { zip.stated_size -= 1; }), HasSubstr("checksum"));
  EXPECT_THAT(error_with([](Zip& zip) { zip.stated_size = 0xfffffff0; }),
              HasSubstr("200 times its own size"));
  EXPECT_THAT(error_with([](Zip& zip) {
                zip.content = "no array";
                zip.stated_size = 8;
              }),
              HasSubstr("not a .npy file"));
}

TEST(Npz, ZipBombsAreRefusedBeforeTheyInflate) {
  const ScratchFolder folder;
  // 100 MB of zeros in 100 kB: a thousand to one. 60 MB are free.
  const auto path = folder.write("bomb.npz", Zip(npy_of_zeros(100'000'000)).bytes());
  ASSERT_LT(std::filesystem::file_size(path), 120'000U);
  EXPECT_THAT(npz_error(path), HasSubstr("200 times its own size"));
  EXPECT_EQ(npz_error(folder.write("fine.npz", Zip(npy_of_zeros(60'000'000)).bytes())), "no error");
}

TEST(Npz, EveryPrefixIsAnError) {
  const ScratchFolder folder;
  write_npz(folder.path() / "whole.npz", some_tensors());
  const auto golden = std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/golden/npy/deflated.npz";
  for (const auto& whole : {folder.path() / "whole.npz", golden}) {
    const std::string bytes = ScratchFolder::read(whole);
    for (size_t size = 0; size < bytes.size(); ++size)
      EXPECT_NE(npz_error(folder.write("part.npz", bytes.substr(0, size))), "no error")
          << whole << " of " << size << " of " << bytes.size();
  }
}

}  // namespace
}  // namespace slipway::workbench
