// Softmax and its logarithm.
#include <limits>

#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {
namespace {

Value* softmax(Conversion& c, const char* op_type, Value* input) {
  const int64_t rank = c.rank("self"), axis = c.axis("dim", rank);
  if (rank == 0) c.refuse("its input is a number, without an axis");
  return c.emit(op_type, {input}, axis == rank - 1 ? Attributes{} : Attributes{{"axis", axis}});
}

// The argument dtype, and half_to_float of the core dialect, say the type in which all is computed.
Value* input(Conversion& c) {
  return operand(c, "self", c.result_meta().type);
}

}  // namespace

// softmax.int, _softmax
void convert_softmax(Conversion& c) {
  c.result(softmax(c, "Softmax", input(c)));
}

// log_softmax.int, _log_softmax
void convert_log_softmax(Conversion& c) {
  c.result(softmax(c, "LogSoftmax", input(c)));
}

// _safe_softmax: 0 where everything is masked out
void convert_safe_softmax(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* scores = input(c);
  Value* largest = c.emit("ReduceMax", {scores, c.ints({c.axis("dim", c.rank("self"))})});
  Value* masked = c.emit("Equal", {largest, c.scalar(type, -std::numeric_limits<double>::infinity())});
  c.result(c.emit("Where", {masked, c.scalar(type, 0.0), softmax(c, "Softmax", scores)}));
}

}  // namespace slipway::torch::aten
