// Which way up a camera held the sensor: EXIF's tag 0x0112, and how to undo it.
#pragma once

#include <cstddef>
#include <span>

#include "image/picture.hpp"

namespace slipway {

// EXIF 2.32, table "Orientation": where row 0 and column 0 of the stored samples belong in the scene.
enum class Orientation {
  kUpright = 1,
  kMirrored = 2,  // left and right exchanged
  kTurned180 = 3,
  kFlipped = 4,        // top and bottom exchanged
  kTransposed = 5,     // rows and columns exchanged
  kTurnClockwise = 6,  // upright after a quarter turn clockwise
  kTransversed = 7,    // exchanged along the other diagonal
  kTurnAnticlockwise = 8,
};

// The orientation in a TIFF structure, which is what EXIF is: its first directory's tag, if it is there and
// makes sense, kUpright if not. Metadata never makes a picture unreadable, so there are no errors; every
// offset and count is checked against `tiff`.
Orientation read_orientation(std::span<const std::byte> tiff);

// The picture as it should be seen; width and height change places for the last four.
Picture upright(Picture picture, Orientation orientation);

}  // namespace slipway
