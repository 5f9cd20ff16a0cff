#include "image/orientation.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.hpp"

namespace slipway {
namespace {

// Reads numbers at checked offsets; what lies outside is 0, which no tag, type or count that matters is.
class TiffView {
 public:
  explicit TiffView(std::span<const std::byte> bytes) : bytes_(bytes), big_endian_(at(0) == 'M') {}

  bool valid() const {
    const bool known = (at(0) == 'I' && at(1) == 'I') || (at(0) == 'M' && at(1) == 'M');
    return known && u16(2) == 42;
  }
  uint32_t u16(size_t offset) const {
    const uint32_t first = at(offset);
    const uint32_t second = at(offset + 1);
    return big_endian_ ? first << 8 | second : second << 8 | first;
  }
  uint32_t u32(size_t offset) const {
    const uint32_t first = u16(offset);
    const uint32_t second = u16(offset + 2);
    return big_endian_ ? first << 16 | second : second << 16 | first;
  }

 private:
  uint32_t at(size_t offset) const {
    return offset < bytes_.size() ? std::to_integer<uint32_t>(bytes_[offset]) : 0;
  }

  std::span<const std::byte> bytes_;
  bool big_endian_;
};

constexpr uint32_t kOrientationTag = 0x0112;
constexpr uint32_t kShortType = 3;
constexpr size_t kEntryBytes = 12;  // tag, type (2 bytes each), count, value (4 bytes each)

// Where output pixel (x, y) lies in the source: at origin + x * step_x + y * step_y, counted in pixels.
struct Walk {
  ptrdiff_t origin;
  ptrdiff_t step_x;
  ptrdiff_t step_y;
};

Walk walk_of(Orientation orientation, ptrdiff_t width, ptrdiff_t height) {
  const ptrdiff_t right = width - 1;
  const ptrdiff_t bottom = (height - 1) * width;
  switch (orientation) {
    case Orientation::kUpright:
      break;
    case Orientation::kMirrored:
      return {right, -1, width};
    case Orientation::kTurned180:
      return {bottom + right, -1, -width};
    case Orientation::kFlipped:
      return {bottom, 1, -width};
    case Orientation::kTransposed:
      return {0, width, 1};
    case Orientation::kTurnClockwise:
      return {bottom, -width, 1};
    case Orientation::kTransversed:
      return {bottom + right, -width, -1};
    case Orientation::kTurnAnticlockwise:
      return {right, width, -1};
  }
  return {0, 1, width};
}

// Square tiles, so that columns of the source are read while their cache lines are still there.
template <size_t kPixelBytes>
void copy_pixels(const Picture& from, Picture& to, const Walk& walk) {
  constexpr uint32_t kTile = 32;
  const std::byte* const source = from.bytes().data();
  for (uint32_t top = 0; top < to.height(); top += kTile)
    for (uint32_t left = 0; left < to.width(); left += kTile)
      for (uint32_t y = top; y < std::min(top + kTile, to.height()); ++y) {
        std::byte* const row = to.row<std::byte>(y).data();
        for (uint32_t x = left; x < std::min(left + kTile, to.width()); ++x) {
          const ptrdiff_t pixel =
              walk.origin + static_cast<ptrdiff_t>(x) * walk.step_x + static_cast<ptrdiff_t>(y) * walk.step_y;
          std::memcpy(row + x * kPixelBytes, source + pixel * static_cast<ptrdiff_t>(kPixelBytes),
                      kPixelBytes);
        }
      }
}

}  // namespace

Orientation read_orientation(std::span<const std::byte> tiff) {
  const TiffView view(tiff);
  if (!view.valid()) return Orientation::kUpright;
  const size_t directory = view.u32(4);
  const size_t entries = view.u16(directory);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (entry + kEntryBytes > tiff.size()) break;
    if (view.u16(entry) != kOrientationTag) continue;
    const uint32_t value = view.u16(entry + 8);
    const bool sensible =
        view.u16(entry + 2) == kShortType && view.u32(entry + 4) == 1 && value >= 1 && value <= 8;
    return sensible ? static_cast<Orientation>(value) : Orientation::kUpright;
  }
  return Orientation::kUpright;
}

Picture upright(Picture picture, Orientation orientation) {
  if (orientation == Orientation::kUpright) return picture;
  PictureLayout layout = picture.layout();
  const Walk walk = walk_of(orientation, layout.width, layout.height);
  if (orientation >= Orientation::kTransposed) std::swap(layout.width, layout.height);
  Picture result(layout);
  switch (layout.pixel_bytes()) {
    case 1:
      copy_pixels<1>(picture, result, walk);
      break;
    case 2:
      copy_pixels<2>(picture, result, walk);
      break;
    case 3:
      copy_pixels<3>(picture, result, walk);
      break;
    case 4:
      copy_pixels<4>(picture, result, walk);
      break;
    case 6:
      copy_pixels<6>(picture, result, walk);
      break;
    case 8:
      copy_pixels<8>(picture, result, walk);
      break;
    default:
      fail(ErrorCode::kInternal, "pixels of {} bytes", layout.pixel_bytes());
  }
  return result;
}

}  // namespace slipway
