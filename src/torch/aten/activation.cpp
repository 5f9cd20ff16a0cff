// Functions of one element each that networks put behind their layers.
#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

void convert_relu(Conversion& c) {
  c.result(c.emit("Relu", {c.tensor("self")}));
}

}  // namespace slipway::torch::aten
