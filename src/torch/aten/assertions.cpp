// What the program checks of itself: the tracer has decided it, or it must not be wrong.
#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

void convert_assertion(Conversion&) {}

}  // namespace slipway::torch::aten
