#include "passes/make_runnable.hpp"

#include "onnx/opset/bring_to_newest.hpp"
#include "passes/gradient/expand_gradients.hpp"

namespace slipway::passes {

void make_runnable(Model& model, const ops::Registry& operators) {
  bring_to_newest(model, operators);
  expand_gradients(model, operators);
}

}  // namespace slipway::passes
