// What a hostile case throws when something other than a crash is wrong.
#pragma once

#include <stdexcept>

namespace slipway::hostile {

class Finding : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace slipway::hostile
