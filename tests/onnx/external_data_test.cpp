#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "onnx/golden_models.hpp"
#include "onnx/proto_text.hpp"
#include "onnx/read_model.hpp"
#include "onnx/write_model.hpp"

namespace slipway {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::entry_proto;
using testing::error_of;
using testing::golden;
using ::testing::HasSubstr;
using testing::initializer;
using testing::Proto;
using testing::write_file;

// f32[2] "t" at `location`, with further entries.
std::string model_at(const std::string& location, const std::vector<Proto>& entries = {}) {
  Proto tensor =
      Proto().integer(1, 2).integer(2, 1).text(8, "t").message(13, entry_proto("location", location));
  for (const Proto& entry : entries) tensor.message(13, entry);
  return testing::model_with_initializer(tensor.integer(14, 1));
}

const std::string kOneAndTwo("\0\0\x80\x3f\0\0\0\x40", 8);

TEST(ExternalData, AsOnnxWritesIt) {
  const Model model = read_model(golden("external.onnx"));
  const Tensor& weights = initializer(model, "w");
  ASSERT_EQ(weights.describe(), "f32[600]");
  for (size_t i = 0; i < 600; ++i) EXPECT_EQ(weights.data<float>()[i], static_cast<float>(i));
  const Tensor& small = initializer(model, "small");
  EXPECT_THAT(small.data<double>(), ::testing::ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(small.buffer(), weights.buffer());  // mapped once
}

TEST(ExternalData, IsNotLookedAtUnlessAskedFor) {
  const TemporaryFolder folder;
  write_file(folder / "m.onnx", model_at("missing.bin"));
  EXPECT_THAT(error_of([&] { read_model(folder / "m.onnx"); }),
              AllOf(HasSubstr("m.onnx"), HasSubstr("tensor 't'"), HasSubstr("missing.bin")));
  const Model model = read_model(folder / "m.onnx", {.load_external_data = false});
  EXPECT_EQ(initializer(model, "t").describe(), "f32[2]");
  EXPECT_EQ(initializer(model, "t").raw(), nullptr);
}

TEST(ExternalData, WhatWasNotLoadedIsWrittenAsItWas) {
  const TemporaryFolder folder;
  const std::string bytes =
      model_at("a/b.bin",
               {entry_proto("offset", "64"), entry_proto("length", "8"),
                entry_proto("checksum", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), entry_proto("own", "")});
  write_file(folder / "m.onnx", bytes);
  write_model(read_model(folder / "m.onnx", {.load_external_data = false}), folder / "out.onnx");
  const std::string out = testing::file_bytes(folder / "out.onnx");
  for (const char* kept : {"a/b.bin", "64", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "own"})
    EXPECT_THAT(out, HasSubstr(kept));
  EXPECT_EQ(out.size(), bytes.size());
}

TEST(ExternalData, StaysWhereItIsWhenAskedFor) {
  const TemporaryFolder folder;
  write_file(folder / "data.bin", kOneAndTwo);
  write_file(folder / "m.onnx", model_at("data.bin", {entry_proto("checksum", "abc")}));
  const Model model = read_model(folder / "m.onnx");
  write_model(model, folder / "kept.onnx", {.keep_external_data = true});
  EXPECT_THAT(testing::file_bytes(folder / "kept.onnx"), AllOf(HasSubstr("data.bin"), HasSubstr("abc")));
  write_model(model, folder / "whole.onnx");
  const std::string whole = testing::file_bytes(folder / "whole.onnx");
  EXPECT_THAT(whole, AllOf(Not(HasSubstr("data.bin")), HasSubstr(kOneAndTwo)));
}

TEST(ExternalData, LocationsOutsideTheFolderAreRefused) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "model/inner");
  write_file(folder / "outside.bin", kOneAndTwo);
  write_file(folder / "model/inside.bin", kOneAndTwo);
  fs::create_symlink("../outside.bin", folder / "model/link.bin");
  fs::create_directory_symlink("..", folder / "model/up");
  fs::create_symlink("../inside.bin", folder / "model/inner/back.bin");
  fs::create_directory(folder / "model_sibling");
  write_file(folder / "model_sibling/data.bin", kOneAndTwo);
  fs::create_symlink("../model_sibling/data.bin", folder / "model/sibling.bin");
  const fs::path path = folder / "model/m.onnx";
  const auto error_at = [&](const std::string& location) {
    write_file(path, model_at(location));
    return error_of([&] { read_model(path); });
  };
  const std::vector<std::string> outside = {"../outside.bin",          (folder / "outside.bin").string(),
                                            "inner/../../outside.bin", "link.bin",
                                            "up/outside.bin",          "sibling.bin",
                                            "inner/../inside.bin",     ""};
  for (const std::string& location : outside) EXPECT_NE(error_at(location), "") << location;
  EXPECT_THAT(error_at(std::string("inside.bin\0x", 12)), HasSubstr("refused"));
  EXPECT_THAT(error_at("link.bin"), AllOf(HasSubstr("refused"), HasSubstr("tensor 't'")));
  EXPECT_THAT(error_at("../outside.bin"), HasSubstr("refused"));
  for (const char* location : {"inside.bin", "./inside.bin", "inner/back.bin"})
    EXPECT_EQ(error_at(location), "");
}

// A hub's cache: snapshots/1/{model.onnx,data.bin} are links to blobs/{aaa,bbb}.
TEST(ExternalData, CachesMadeOfLinksLoad) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "blobs");
  fs::create_directories(folder / "snapshots/1");
  write_file(folder / "blobs/aaa", model_at("data.bin"));
  write_file(folder / "blobs/bbb", kOneAndTwo);
  fs::create_symlink("../../blobs/aaa", folder / "snapshots/1/model.onnx");
  fs::create_symlink("../../blobs/bbb", folder / "snapshots/1/data.bin");
  const Model model = read_model(folder / "snapshots/1/model.onnx");
  EXPECT_EQ(initializer(model, "t").data<float>()[1], 2.0f);
}

TEST(ExternalData, NoOtherKindOfFileIsOpened) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  fs::create_directory(folder / "folder");
  for (const char* location : {"fifo", "folder"}) {
    write_file(folder / "m.onnx", model_at(location));
    EXPECT_NE(error_of([&] { read_model(folder / "m.onnx"); }), "") << location;
  }
}

TEST(ExternalData, OffsetsAndLengthsAreChecked) {
  const TemporaryFolder folder;
  write_file(folder / "data.bin", std::string(4, '\0') + kOneAndTwo + "rest");
  const auto error_with = [&](const std::vector<Proto>& entries) {
    write_file(folder / "m.onnx", model_at("data.bin", entries));
    return error_of([&] { read_model(folder / "m.onnx"); });
  };
  EXPECT_EQ(error_with({entry_proto("offset", "4"), entry_proto("length", "8")}), "");
  EXPECT_EQ(error_with({entry_proto("offset", "8")}), "");
  EXPECT_THAT(error_with({entry_proto("offset", "9")}), HasSubstr("has 16 bytes"));
  EXPECT_THAT(error_with({entry_proto("offset", "18446744073709551615")}), HasSubstr("has 16 bytes"));
  EXPECT_THAT(error_with({entry_proto("length", "9")}), HasSubstr("length of 9 bytes, but f32[2] needs 8"));
  for (const char* number : {"-1", "1.5", "", " 1", "18446744073709551616", "0x10"})
    EXPECT_THAT(error_with({entry_proto("offset", number)}), HasSubstr("must be a number of bytes"))
        << number;
}

TEST(ExternalData, ModelsInMemoryNeedAFolder) {
  const TemporaryFolder folder;
  write_file(folder / "data.bin", kOneAndTwo);
  const std::string bytes = model_at("data.bin");
  EXPECT_THAT(error_of([&] { read_model_bytes(testing::as_bytes(bytes)); }), HasSubstr("read from memory"));
  const Model model = read_model_bytes(testing::as_bytes(bytes), {.external_data_folder = folder / ""});
  EXPECT_EQ(initializer(model, "t").data<float>()[1], 2.0f);
}

Model model_with_weights(float first) {
  Model model;
  model.opset_imports.set("", 20);
  std::vector<float> large(5000, first), small(4, first);
  Value* a = model.graph->add_initializer("large", Tensor::from<float>({5000}, large));
  Value* b = model.graph->add_initializer("small", Tensor::from<float>({4}, small));
  model.graph->add_output(model.graph->add_node("Concat", {a, b})->output(0));
  return model;
}

TEST(ExternalData, IsWrittenBesideTheModel) {
  const TemporaryFolder folder;
  write_model(model_with_weights(7), folder / "m.onnx", {.external_data_file = "weights.bin"});
  EXPECT_EQ(fs::file_size(folder / "weights.bin"), 20000u);
  const Model model = read_model(folder / "m.onnx");
  EXPECT_EQ(initializer(model, "large").data<float>()[4999], 7.0f);
  EXPECT_NE(initializer(model, "large").buffer(), initializer(model, "small").buffer());
  write_model(model, folder / "all.onnx", {.external_data_file = "all.bin", .external_threshold = 1});
  EXPECT_EQ(fs::file_size(folder / "all.bin"), 20000u + 32 + 16);  // the second starts a cache line
}

TEST(ExternalData, NeverOverwritesADataFile) {
  const TemporaryFolder folder;
  const WriteOptions options{.external_data_file = "weights.bin"};
  write_model(model_with_weights(1), folder / "a.onnx", options);
  write_model(model_with_weights(2), folder / "b.onnx", options);
  EXPECT_EQ(initializer(read_model(folder / "a.onnx"), "large").data<float>()[0], 1.0f);
  EXPECT_EQ(initializer(read_model(folder / "b.onnx"), "large").data<float>()[0], 2.0f);
  EXPECT_TRUE(fs::exists(folder / "weights.bin.1"));
}

TEST(ExternalData, OfAReplacedModelGoesWithIt) {
  const TemporaryFolder folder;
  const WriteOptions options{.external_data_file = "m.onnx.data"};
  write_model(model_with_weights(1), folder / "m.onnx", options);
  Model old = read_model(folder / "m.onnx");
  write_model(model_with_weights(2), folder / "m.onnx", options);
  EXPECT_EQ(initializer(read_model(folder / "m.onnx"), "large").data<float>()[0], 2.0f);
  EXPECT_EQ(initializer(old, "large").data<float>()[0], 1.0f);  // still mapped
  EXPECT_FALSE(fs::exists(folder / "m.onnx.data"));
  // A model can be written over itself.
  write_model(read_model(folder / "m.onnx"), folder / "m.onnx", options);
  EXPECT_EQ(initializer(read_model(folder / "m.onnx"), "large").data<float>()[0], 2.0f);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / ""), fs::directory_iterator()), 2);
}

TEST(ExternalData, FileNamesWithFoldersAreRefused) {
  const TemporaryFolder folder;
  for (const char* name : {"../w.bin", "/tmp/w.bin", "a/w.bin", "..", "."})
    EXPECT_THAT(error_of([&] {
                  write_model(model_with_weights(1), folder / "m.onnx", {.external_data_file = name});
                }),
                HasSubstr("file name without folder"))
        << name;
  EXPECT_FALSE(fs::exists(folder / "m.onnx"));
}

TEST(ExternalData, AFailureLeavesNothingBehind) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "m.onnx");  // cannot be replaced by a file
  EXPECT_NE(error_of([&] {
              write_model(model_with_weights(1), folder / "m.onnx", {.external_data_file = "w.bin"});
            }),
            "");
  EXPECT_FALSE(fs::exists(folder / "w.bin"));
}

}  // namespace
}  // namespace slipway
