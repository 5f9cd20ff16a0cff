// Dropout in all its forms does nothing after training.
#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {
namespace {

void require_inactive(const Conversion& c) {
  if (c.truth("train", false) && c.number("p", 0) != 0)
    c.refuse("it drops elements at random: export the model in eval()");
}

}  // namespace

// dropout, alpha_dropout, feature_dropout, feature_alpha_dropout
void convert_dropout(Conversion& c) {
  require_inactive(c);
  c.result(c.tensor("input"));
}

// native_dropout: also which elements stay, which is all of them
void convert_native_dropout(Conversion& c) {
  require_inactive(c);
  Value* input = c.tensor("input");
  c.result(0, input);
  if (c.is_used(1)) {
    const ir::TensorMeta& meta = c.meta("input");
    Value* shape = c.shape_of(input, meta, 0, c.rank("input"));
    c.result(1, c.emit("Expand", {c.constant(Tensor::scalar(true)), shape}));
  }
}

}  // namespace slipway::torch::aten
