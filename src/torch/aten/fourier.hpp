// Fourier transforms as ONNX has them, over tensors whose last axis holds one real part or a pair
// (complex.hpp).
#pragma once

#include <optional>

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

struct Dft {
  int64_t axis = 0;                // from the front
  std::optional<Dim> length = {};  // of the transform; absent: the size of the axis
  bool inverse = false;            // divides by the length
  bool onesided = false;           // forward: of reals, the first half; inverse: of such a half, reals
};
Value* emit_dft(Conversion& c, Value* value, const Dft& dft);

}  // namespace slipway::torch::aten
