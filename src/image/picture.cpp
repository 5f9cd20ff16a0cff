#include "image/picture.hpp"

#include <limits>
#include <new>

#include "base/error.hpp"

namespace slipway {

void PictureLayout::check() const {
  if (width == 0 || height == 0)
    fail(ErrorCode::kInvalidArgument, "a picture of {}x{} pixels has no samples", width, height);
  if (channels < 1 || channels > 4)
    fail(ErrorCode::kInvalidArgument, "a picture has 1 to 4 channels, not {}", channels);
  if (depth != 8 && depth != 16)
    fail(ErrorCode::kInvalidArgument, "a sample of a picture has 8 or 16 bits, not {}", depth);
}

Picture::Picture(const PictureLayout& layout) : layout_(layout) {
  layout.check();
  constexpr uint64_t kMostBytes = std::numeric_limits<ptrdiff_t>::max();
  try {
    if (layout.pixels() > kMostBytes / layout.pixel_bytes()) throw std::bad_alloc();
    charge_ = MemoryCharge(layout.bytes());
    samples_ = std::make_unique_for_overwrite<std::byte[]>(layout.bytes());
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::kOutOfMemory, "no memory for a picture of {}x{} pixels, {} channels of {} bits",
         layout.width, layout.height, layout.channels, layout.depth);
  }
}

}  // namespace slipway
