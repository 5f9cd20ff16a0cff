#include "base/mapped_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/scratch_folder.hpp"

namespace slipway {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr size_t kPages = 16;
size_t page() {
  return static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

size_t count(const MappedFile& file, char wanted) {
  size_t found = 0;
  for (const std::byte byte : file.data()) found += byte == static_cast<std::byte>(wanted);
  return found;
}

void expect_error(const fs::path& path, ErrorCode code, const std::string& text) {
  try {
    const MappedFile file(path);
    ADD_FAILURE() << path << " was mapped";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_THAT(error.what(), HasSubstr(text));
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
  }
}

TEST(MappedFile, HoldsTheBytes) {
  const ScratchFolder folder;
  MappedFile file(folder.write("file", "abc"));
  ASSERT_EQ(file.size(), 3U);
  MappedFile moved = std::move(file);
  EXPECT_EQ(static_cast<char>(moved.data()[2]), 'c');
  EXPECT_EQ(file.size(), 0U);
  file = std::move(moved);
  EXPECT_EQ(static_cast<char>(file.data()[0]), 'a');
  EXPECT_FALSE(file.damaged());
  EXPECT_NO_THROW(file.check_undamaged());
}

TEST(MappedFile, TakesAnEmptyFile) {
  const ScratchFolder folder;
  const MappedFile file(folder.write("file", ""));
  EXPECT_EQ(file.size(), 0U);
  EXPECT_FALSE(file.damaged());
}

TEST(MappedFile, RefusesWhatIsNotAFile) {
  const ScratchFolder folder;
  const fs::path fifo = folder.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  expect_error(folder.path(), ErrorCode::kIo, "folder");
  expect_error(fifo, ErrorCode::kIo, "FIFO");
  expect_error("/dev/null", ErrorCode::kIo, "device");
  expect_error(folder.path() / "missing", ErrorCode::kNotFound, "No such file");
  expect_error(folder.write("file", "") / "below", ErrorCode::kNotFound, "Not a directory");
}

TEST(MappedFile, SurvivesAFileThatShrinks) {
  const ScratchFolder folder;
  const fs::path path = folder.write("file", std::string(kPages * page(), 'x'));
  const MappedFile file(path);
  EXPECT_EQ(count(file, 'x'), kPages * page());
  fs::resize_file(path, 3 * page());
  EXPECT_EQ(count(file, 'x'), 3 * page());
  EXPECT_EQ(count(file, 0), (kPages - 3) * page());
  EXPECT_TRUE(file.damaged());
  EXPECT_THROW(file.check_undamaged(), Error);
}

TEST(MappedFile, DamageIsOfOneMappingAlone) {
  const ScratchFolder folder;
  const fs::path path = folder.write("file", std::string(kPages * page(), 'x'));
  const MappedFile whole(folder.write("whole", std::string(kPages * page(), 'x')));
  {
    const MappedFile file(path);
    fs::resize_file(path, 0);
    EXPECT_EQ(count(file, 0), kPages * page());
    EXPECT_TRUE(file.damaged());
  }
  EXPECT_EQ(count(whole, 'x'), kPages * page());
  EXPECT_FALSE(whole.damaged());
  const MappedFile again(path);
  EXPECT_FALSE(again.damaged());
}

TEST(MappedFile, SurvivesInManyThreadsAndMappings) {
  constexpr int kMappings = 200;  // more than one block of slots
  const ScratchFolder folder;
  const fs::path path = folder.write("file", std::string(kPages * page(), 'x'));
  std::vector<MappedFile> files;
  for (int i = 0; i < kMappings; ++i) files.emplace_back(path);
  fs::resize_file(path, page());
  std::atomic<size_t> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (size_t at; (at = next.fetch_add(1)) < files.size();) {
        const MappedFile brief(path);
        EXPECT_EQ(count(files[at], 'x'), page());
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const MappedFile& file : files) EXPECT_TRUE(file.damaged());
}

volatile sig_atomic_t passed_on = 0;
void note_signal(int) {
  passed_on = 1;
}

TEST(MappedFile, GivesTheSignalBack) {
  const ScratchFolder folder;
  struct sigaction before{};
  struct sigaction action{};
  action.sa_handler = note_signal;
  ASSERT_EQ(::sigaction(SIGBUS, &action, &before), 0);
  {
    const MappedFile file(folder.write("file", "abc"));
    ::raise(SIGBUS);  // of no mapping: goes to the handler that was there
    EXPECT_EQ(passed_on, 1);
  }
  struct sigaction after{};
  ASSERT_EQ(::sigaction(SIGBUS, &before, &after), 0);
  EXPECT_EQ(after.sa_handler, note_signal);
}

// In a child, since it dies: a SIGBUS outside every guarded mapping keeps its meaning.
TEST(MappedFile, LeavesOtherFaultsAlone) {
  const ScratchFolder folder;
  const fs::path path = folder.write("file", std::string(2 * page(), 'x'));
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGBUS, SIG_DFL);
    const MappedFile guarded(path);
    FILE* const stream = ::fopen(path.c_str(), "rb");
    void* const address = ::mmap(nullptr, 2 * page(), PROT_READ, MAP_PRIVATE, ::fileno(stream), 0);
    if (::truncate(path.c_str(), 0) != 0) ::_exit(2);
    ::_exit(*static_cast<volatile char*>(address) == 0 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
}

}  // namespace
}  // namespace slipway
