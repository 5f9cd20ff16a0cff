#include "onnx/read_context.hpp"

#include "base/error.hpp"

namespace slipway {

Nesting::Nesting(int& depth, int limit, const char* what) : depth_(depth) {
  if (depth >= limit) fail(ErrorCode::kInvalidModel, "{} are nested more than {} deep", what, limit);
  ++depth_;
}

}  // namespace slipway
