// Other sizes for the same elements.
#include "torch/aten/reshape.hpp"

namespace slipway::torch::aten {

void convert_view(Conversion& c) {
  c.result(reshape(c, c.tensor("self"), c.meta("self").sizes, c.result_meta().sizes));
}

}  // namespace slipway::torch::aten
