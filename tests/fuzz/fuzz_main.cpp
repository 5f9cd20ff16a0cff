// Hands libFuzzer the target SLIPWAY_FUZZ_TARGET. CMakeLists.txt builds one program per target from this.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/error.hpp"
#include "fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    slipway::fuzz::SLIPWAY_FUZZ_TARGET(std::as_bytes(std::span(data, size)));
  } catch (const slipway::Error& error) {
    if (error.code() == slipway::ErrorCode::kInternal) {
      std::fprintf(stderr, "an internal error: %s\n", error.what());
      std::abort();
    }
  }
  return 0;
}
