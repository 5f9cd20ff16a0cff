// What OpenJPEG does not check: that all of a JPEG 2000's tiles are there. Its newer versions take a picture
// whose last tiles are missing for whole.
#pragma once

#include <cstddef>
#include <span>

namespace slipway {

// `file`: a JP2 file or a bare codestream (ISO/IEC 15444-1, annexes A and I) of so many tiles, which OpenJPEG
// has read. Throws kInvalidPicture when it ends before its codestream does, or without one of the tiles.
void require_tiles(std::span<const std::byte> file, size_t tile_count);

}  // namespace slipway
