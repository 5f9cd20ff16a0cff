// Pictures out, row by row, so that a large one never has to be in memory as a whole. The extension of the
// file's name says the format. The file appears whole, at `finish`, or not at all.
//
//   PictureWriter writer("out.png", {.width = 7680, .height = 7680, .channels = 3, .depth = 8});
//   while (more) writer.write_rows(strip);
//   writer.finish();
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/atomic_file.hpp"
#include "image/picture.hpp"
#include "image/picture_encoder.hpp"

namespace slipway {

// | extension     | channels   | depth | memory             | largest side |
// |---------------|------------|-------|--------------------|--------------|
// | .png          | 1, 2, 3, 4 | 8, 16 | a few rows         | 2^31 - 1     |
// | .jpg, .jpeg   | 1, 3       | 8     | a few rows         | 65500        |
// | .webp         | 1, 2, 3, 4 | 8     | the whole, 4 B/px and libwebp's own several times that | 16383 |
//
// WebP has no grey: it is written as RGB with equal channels. Not for use by several threads at once.
class PictureWriter {
 public:
  // Errors: kInvalidArgument for an extension, layout or option that the format does not have, before any
  // file is made; kIo and kNotFound as of AtomicFile.
  PictureWriter(const std::filesystem::path& path, const PictureLayout& layout,
                const PictureOptions& options = {});

  // Appends rows, in the layout of Picture: a whole number of them, not more than are missing.
  void write_rows(std::span<const std::byte> rows);
  // Puts the file in place; all rows must have been written. Call it once, last.
  void finish();

  const PictureLayout& layout() const { return layout_; }
  uint32_t rows_written() const { return rows_written_; }

 private:
  PictureLayout layout_;
  AtomicFile file_;
  std::unique_ptr<PictureEncoder> encoder_;
  uint32_t rows_written_ = 0;
};

// The whole of `picture` at once.
void write_picture(const std::filesystem::path& path, const Picture& picture,
                   const PictureOptions& options = {});

}  // namespace slipway
