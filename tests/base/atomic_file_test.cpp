#include "base/atomic_file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/scratch_folder.hpp"

namespace slipway {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
namespace fs = std::filesystem;

void replace(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

template <typename Body>
Error error_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error was thrown";
  return Error(ErrorCode::kInternal, "");
}

TEST(AtomicFile, MakesANewFile) {
  const ScratchFolder folder;
  AtomicFile file(folder.path() / "new");
  file.write("abc");
  file.write(std::string(200000, 'x'));
  EXPECT_EQ(file.size(), 200003U);
  EXPECT_FALSE(fs::exists(folder.path() / "new"));
  file.commit();
  EXPECT_EQ(ScratchFolder::read(folder.path() / "new"), "abc" + std::string(200000, 'x'));
  EXPECT_THAT(folder.names(), UnorderedElementsAre("new"));
}

TEST(AtomicFile, NewFileHasTheModeThatTheUmaskGives) {
  const ScratchFolder folder;
  const mode_t before = ::umask(027);
  replace(folder.path() / "new", "abc");
  ::umask(before);
  EXPECT_EQ(mode_of(folder.path() / "new"), 0640U);
}

TEST(AtomicFile, ReplacesAndKeepsPermissions) {
  const ScratchFolder folder;
  const fs::path path = folder.write("old", "old");
  ASSERT_EQ(::chmod(path.c_str(), 0751), 0);
  replace(path, "new");
  EXPECT_EQ(ScratchFolder::read(path), "new");
  EXPECT_EQ(mode_of(path), 0751U);
  EXPECT_THAT(folder.names(), UnorderedElementsAre("old"));
}

TEST(AtomicFile, WritesAnEmptyFile) {
  const ScratchFolder folder;
  replace(folder.path() / "empty", "");
  EXPECT_EQ(fs::file_size(folder.path() / "empty"), 0U);
}

TEST(AtomicFile, LeavesTheTargetAloneWithoutACommit) {
  const ScratchFolder folder;
  const fs::path path = folder.write("old", "old");
  {
    AtomicFile file(path);
    file.write(std::string(200000, 'x'));
  }
  EXPECT_EQ(ScratchFolder::read(path), "old");
  EXPECT_THAT(folder.names(), UnorderedElementsAre("old"));
}

TEST(AtomicFile, FollowsLinks) {
  const ScratchFolder folder;
  fs::create_directory(folder.path() / "store");
  folder.write("store/blob", "old");
  fs::create_symlink("store/blob", folder.path() / "link");
  fs::create_symlink("link", folder.path() / "link2");
  fs::create_symlink("store/fresh", folder.path() / "dangling");
  replace(folder.path() / "link2", "new");
  replace(folder.path() / "dangling", "fresh");
  EXPECT_TRUE(fs::is_symlink(folder.path() / "link2"));
  EXPECT_TRUE(fs::is_symlink(folder.path() / "dangling"));
  EXPECT_EQ(ScratchFolder::read(folder.path() / "store/blob"), "new");
  EXPECT_EQ(ScratchFolder::read(folder.path() / "store/fresh"), "fresh");
}

TEST(AtomicFile, RefusesWhatItCannotWrite) {
  const ScratchFolder folder;
  fs::create_symlink("b", folder.path() / "a");
  fs::create_symlink("a", folder.path() / "b");
  EXPECT_EQ(error_of([&] { AtomicFile file(folder.path()); }).code(), ErrorCode::kIo);
  EXPECT_EQ(error_of([&] { AtomicFile file(folder.path() / "a"); }).code(), ErrorCode::kIo);
  EXPECT_EQ(error_of([&] { AtomicFile file(""); }).code(), ErrorCode::kIo);
  const Error missing = error_of([&] { AtomicFile file(folder.path() / "none" / "file"); });
  EXPECT_EQ(missing.code(), ErrorCode::kNotFound);
  EXPECT_THAT(missing.what(), HasSubstr("none/file"));
}

TEST(AtomicFile, TakesTheLongestName) {
  const ScratchFolder folder;
  const fs::path path = folder.path() / std::string(255, 'n');
  replace(path, "old");
  replace(path, "new");
  EXPECT_EQ(ScratchFolder::read(path), "new");
}

TEST(AtomicFile, ReportsAFullDevice) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  AtomicFile file("/dev/full");
  file.write("abc");
  EXPECT_THAT(error_of([&] { file.commit(); }).what(), HasSubstr("No space left on device"));
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST(AtomicFile, WritesToAFifo) {
  const ScratchFolder folder;
  const fs::path path = folder.path() / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  replace(path, "abc");
  char read[8] = {};
  EXPECT_EQ(::read(reader, read, sizeof(read)), 3);
  EXPECT_STREQ(read, "abc");
  ::close(reader);
}

// In a child: a limit on the size of files stays with the process.
TEST(AtomicFile, FailsWholeWhenTheFileGetsTooLarge) {
  const ScratchFolder folder;
  const fs::path path = folder.write("old", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100000, 100000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      replace(path, std::string(300000, 'x'));
    } catch (const Error& error) {
      ::_exit(error.code() == ErrorCode::kIo ? 0 : 2);
    }
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(ScratchFolder::read(path), "old");
  EXPECT_THAT(folder.names(), UnorderedElementsAre("old"));
}

// Writes versions of a file for ever; each is one letter, many times.
[[noreturn]] void keep_replacing(const fs::path& path, size_t bytes, int started) {
  for (char letter = 'a';; letter = letter == 'z' ? 'a' : static_cast<char>(letter + 1)) {
    AtomicFile file(path);
    for (size_t written = 0; written < bytes; written += 1000) file.write(std::string(1000, letter));
    file.commit();
    if (::write(started, &letter, 1) != 1) ::_exit(1);
  }
}

TEST(AtomicFile, IsOldOrNewAndWholeAfterAKill) {
  constexpr size_t kBytes = 500000;
  const ScratchFolder folder;
  for (int round = 0; round < 30; ++round) {
    const fs::path path = folder.path() / "file";
    int started[2];
    ASSERT_EQ(::pipe(started), 0);
    const pid_t child = ::fork();
    if (child == 0) keep_replacing(path, kBytes, started[1]);
    char letter = 0;
    ASSERT_EQ(::read(started[0], &letter, 1), 1);
    ::usleep(static_cast<useconds_t>(round * 211));
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    ::close(started[0]);
    ::close(started[1]);
    const std::string content = ScratchFolder::read(path);
    ASSERT_EQ(content.size(), kBytes);
    ASSERT_EQ(content.find_first_not_of(content[0]), std::string::npos);
  }
}

}  // namespace
}  // namespace slipway
