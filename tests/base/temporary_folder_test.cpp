// Folders for files that others read by their paths.
#include "base/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <optional>

#include "base/error_from.hpp"

namespace slipway {
namespace {

TEST(TemporaryFolder, IsItsOwnAndLeavesNothing) {
  std::optional<TemporaryFolder> folder, other;
  folder.emplace();
  other.emplace();
  EXPECT_NE(folder->path(), other->path());
  std::ofstream(*folder / "a") << "b";
  const std::filesystem::path path = folder->path();
  EXPECT_TRUE(std::filesystem::is_regular_file(path / "a"));
  folder.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TemporaryFolder, SaysWhereItCannotBe) {
  const char* before = ::getenv("TMPDIR");
  const std::string kept = before ? before : "";
  ::setenv("TMPDIR", "/proc", 1);
  EXPECT_THAT(error_from([] { const TemporaryFolder folder; }),
              ::testing::AllOf(::testing::HasSubstr("/proc/slipway-"), ::testing::HasSubstr("TMPDIR")));
  before ? ::setenv("TMPDIR", kept.c_str(), 1) : ::unsetenv("TMPDIR");
}

}  // namespace
}  // namespace slipway
