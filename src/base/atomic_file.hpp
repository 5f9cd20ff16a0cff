// A file that appears whole or not at all. Bytes go into a temporary in the target's folder; `commit` makes
// them durable (fsync) and puts them in the target's place in one step (rename). Without a commit — an
// exception, a full disk, a killed process — the target stays what it was.
//
//   AtomicFile file("model.onnx");
//   file.write(bytes);
//   file.commit();
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace slipway {

// Not for use by several threads at once. Errors: kNotFound when the folder does not exist, kIo otherwise.
class AtomicFile {
 public:
  // Opens the temporary. Where the file system can, it has no name until the commit (O_TMPFILE), so that a
  // killed process leaves nothing behind; elsewhere it is called ".NAME.RANDOM.tmp".
  //
  // A symbolic link is followed: the file that it names is replaced, or made, and the link stays. A file that
  // is replaced passes its permissions on (and its owner, where the process may do that); one that the
  // process may not write is refused. A device or a FIFO is written directly. A folder is an error.
  explicit AtomicFile(const std::filesystem::path& target);
  // Removes the temporary, unless it was committed.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Appends. After an error the file can only be destroyed.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  // Writes what is buffered, syncs the file and its folder, and takes the target's place. Call it once, last.
  void commit();

  // Bytes written so far.
  uint64_t size() const { return size_; }
  const std::filesystem::path& target() const { return target_; }

 private:
  enum class Kind { kUnnamed, kNamed, kDirect };

  void open_direct();
  void open_temporary();
  bool open_unnamed(unsigned mode);
  void open_named(unsigned mode);
  void adopt_permissions();
  void write_all(std::span<const std::byte> bytes);
  void flush();
  void publish();
  void link_temporary();
  void discard() noexcept;

  std::filesystem::path target_;     // as asked for
  std::filesystem::path resolved_;   // with links followed
  std::filesystem::path temporary_;  // empty while the temporary has no name
  Kind kind_ = Kind::kUnnamed;
  int descriptor_ = -1;
  bool failed_ = false;
  uint64_t size_ = 0;
  std::vector<std::byte> buffer_;
};

}  // namespace slipway
