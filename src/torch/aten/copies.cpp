// Copies, which ONNX has no need of, and changes of type.
#include "torch/aten/operands.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {

// clone, detach, alias, contiguous and all that changes only where or how a tensor lies in memory.
void convert_same(Conversion& c) {
  c.result(c.tensor("self"));
}

// to, _to_copy, type_as: what the tracer says of the result is the type.
void convert_to(Conversion& c) {
  c.result(operand(c, "self", c.result_meta().type));
}

// copy: what `src` has, in the type and size of self.
void convert_copy(Conversion& c) {
  Value* source = operand(c, "src", c.result_meta().type);
  c.result(expand(c, source, c.meta("src").sizes, c.meta("self").sizes));
}

}  // namespace slipway::torch::aten
