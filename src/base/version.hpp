// The version of Slipway, "0.1.0".
#pragma once

namespace slipway {

const char* version();

}  // namespace slipway
