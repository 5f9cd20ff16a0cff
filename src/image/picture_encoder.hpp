// What a format's encoder does for PictureWriter.
#pragma once

#include <cstddef>
#include <memory>

#include "base/atomic_file.hpp"
#include "image/picture.hpp"

namespace slipway {

struct PictureOptions {
  int png_compression = 4;      // zlib's level, 0 to 9: see the README of this room for what a level costs
  int jpeg_quality = 95;        // 1 to 100, libjpeg's scale
  bool jpeg_subsample = false;  // halve the resolution of colour, as cameras do
  bool webp_lossless = true;
  int webp_quality = 90;  // 0 to 100, for lossy WebP
};

// Bytes go to the AtomicFile of its creation, which outlives it and which it does not commit.
class PictureEncoder {
 public:
  virtual ~PictureEncoder() = default;
  // Called layout.height times.
  virtual void write_row(const std::byte* row) = 0;
  // Called once, after the last row.
  virtual void finish() = 0;
};

// The checks throw kInvalidArgument for what the format cannot hold; the makers expect a checked layout.
void check_png_layout(const PictureLayout& layout, const PictureOptions& options);
void check_jpeg_layout(const PictureLayout& layout, const PictureOptions& options);
void check_webp_layout(const PictureLayout& layout, const PictureOptions& options);
std::unique_ptr<PictureEncoder> make_png_encoder(AtomicFile& file, const PictureLayout& layout,
                                                 const PictureOptions& options);
std::unique_ptr<PictureEncoder> make_jpeg_encoder(AtomicFile& file, const PictureLayout& layout,
                                                  const PictureOptions& options);
std::unique_ptr<PictureEncoder> make_webp_encoder(AtomicFile& file, const PictureLayout& layout,
                                                  const PictureOptions& options);

}  // namespace slipway
