// Checkpoints that PyTorch wrote, element by element, against what PyTorch says is in them
// (tests/golden/torch/make.py).
#include "torch/checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.hpp"
#include "torch/golden_file.hpp"
#include "workbench/npz.hpp"

namespace slipway::torch {
namespace {

using ::testing::HasSubstr;

// What PyTorch says is in its files, by name.
const std::map<std::string, Tensor>& expected() {
  static const std::map<std::string, Tensor> tensors = [] {
    std::map<std::string, Tensor> made;
    for (auto& [name, tensor] : workbench::read_npz(golden("expected.npz"))) made.emplace(name, tensor);
    return made;
  }();
  return tensors;
}

// Every tensor is one of those, equal in type, shape and elements; returns how many there are.
size_t check(const Checkpoint& checkpoint) {
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const auto found = expected().find(name);
    if (found == expected().end()) {
      ADD_FAILURE() << name << " is not in the file";
      continue;
    }
    EXPECT_TRUE(identical(tensor.clone(), found->second))
        << name << ": " << tensor.describe() << ", expected " << found->second.describe();
  }
  return checkpoint.tensors.size();
}

std::string other(const Checkpoint& checkpoint, const std::string& name) {
  for (const auto& skipped : checkpoint.others)
    if (skipped.name == name) return skipped.what;
  return "";
}

const Tensor& find(const Checkpoint& checkpoint, const std::string& name) {
  for (const auto& entry : checkpoint.tensors)
    if (entry.name == name) return entry.tensor;
  ADD_FAILURE() << name << " is missing";
  return checkpoint.tensors.front().tensor;
}

TEST(Checkpoint, ZipArchiveOfPyTorch) {
  const Checkpoint checkpoint = read_checkpoint(golden("zip.pth"));
  EXPECT_EQ(check(checkpoint), expected().size());
  EXPECT_EQ(checkpoint.format, "PyTorch (zip)");
  EXPECT_EQ(other(checkpoint, "options"), "an object of 'argparse.Namespace'");
  EXPECT_EQ(other(checkpoint, "epoch"), "an integer");
}

TEST(Checkpoint, FormBeforePyTorch16) {
  const Checkpoint checkpoint = read_checkpoint(golden("legacy.pth"));
  EXPECT_EQ(check(checkpoint), expected().size() - 8);  // without u16 and the module's
  EXPECT_EQ(checkpoint.format, "PyTorch (before 1.6)");
}

TEST(Checkpoint, NothingIsCalled) {
  for (const char* file : {"zip.pth", "legacy.pth"}) {
    testing::internal::CaptureStdout();
    const Checkpoint checkpoint = read_checkpoint(golden(file));
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    EXPECT_THAT(other(checkpoint, "callee"), HasSubstr("print"));
  }
}

TEST(Checkpoint, SharesWhatTheFileShares) {
  for (const char* file : {"zip.pth", "legacy.pth"}) {
    const Checkpoint checkpoint = read_checkpoint(golden(file));
    const Tensor &base = find(checkpoint, "base"), &turned = find(checkpoint, "turned");
    EXPECT_EQ(base.buffer(), turned.buffer());
    EXPECT_EQ(turned.strides(), (Dims{1, 6}));
    EXPECT_EQ(find(checkpoint, "expanded").strides(), (Dims{0, 1}));
  }
  const Checkpoint checkpoint = read_checkpoint(golden("zip.pth"));
  EXPECT_EQ(find(checkpoint, "module.conv.weight").buffer(),
            find(checkpoint, "state_dict.conv.weight").buffer());
}

TEST(Checkpoint, Safetensors) {
  const Checkpoint checkpoint = read_checkpoint(golden("whole.safetensors"));
  EXPECT_EQ(check(checkpoint), 6U);
  EXPECT_EQ(other(checkpoint, "format"), "\"pt\"");
}

TEST(Checkpoint, SafetensorsInParts) {
  EXPECT_EQ(check(read_checkpoint(golden("parts.safetensors.index.json"))), 6U);
}

TEST(Checkpoint, OtherFilesAreNone) {
  EXPECT_TRUE(is_checkpoint(golden("zip.pth")));
  EXPECT_FALSE(is_checkpoint(golden("make.py")));
  EXPECT_FALSE(is_checkpoint(golden("../onnx/conv.onnx")));
  EXPECT_THROW(read_checkpoint(golden("make.py")), Error);
}

}  // namespace
}  // namespace slipway::torch
