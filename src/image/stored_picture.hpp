// What a format's reader gives: samples as the file has them, and which way up they belong.
#pragma once

#include "image/orientation.hpp"
#include "image/picture.hpp"

namespace slipway {

struct StoredPicture {
  Picture picture;
  Orientation orientation = Orientation::kUpright;
};

}  // namespace slipway
