#include "base/version.hpp"

#include "slipway/slipway.h"

const char* slipway_version(void) {
  return slipway::version();
}
