// What MatMul and Gemm of f32 ask for, in one form.
#pragma once

#include <optional>
#include <string>

#include "engine/kernel.hpp"
#include "engine/kernels/product_shapes.hpp"

namespace slipway::engine {

// out[m][n] = alpha · A[m][k] · B[k][n] (+ beta · C), for every matrix of the batch. Strides in elements.
struct FloatProduct : ProductShapes {
  int64_t a_row = 0, a_column = 0, b_row = 0, b_column = 0;
  float alpha = 1.0f, beta = 0.0f;
  Clamp clamp;
  int64_t c_row = 0, c_column = 0;  // strides of C, 0 where it is broadcast

  // How a constant B is read: one matrix may be multiplied as it is and transposed.
  std::string packing_of_b() const;
};

// Nothing for other types, and for scalars.
std::optional<FloatProduct> float_product(const KernelRequest& request);

}  // namespace slipway::engine
