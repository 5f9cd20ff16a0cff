// Batch and instance normalisation.
#include "torch/aten/normalization.hpp"

namespace slipway::torch::aten {
namespace {

Shape channels(const Conversion& c) {
  if (c.rank("input") < 2) c.refuse("its input has no channels");
  return {c.meta("input").sizes[1]};
}

Value* scale(Conversion& c) {
  return given_or_filled(c, "weight", channels(c), 1);
}

Value* shift(Conversion& c) {
  return given_or_filled(c, "bias", channels(c), 0);
}

Value* by_running_statistics(Conversion& c) {
  return c.emit("BatchNormalization",
                {c.tensor("input"), scale(c), shift(c), c.tensor("running_mean"), c.tensor("running_var")},
                epsilon_attribute(c.number("eps", 1e-5)));
}

Value* of_each_instance(Conversion& c) {
  return c.emit("InstanceNormalization", {c.tensor("input"), scale(c), shift(c)},
                epsilon_attribute(c.number("eps", 1e-5)));
}

// A number for each channel, for broadcasting against the input.
Value* beside_channels(Conversion& c, Value* value) {
  std::vector<int64_t> axes;
  for (int64_t axis = 1; axis < c.rank("input") - 1; ++axis) axes.push_back(axis);
  return axes.empty() ? value : c.emit("Unsqueeze", {value, c.ints(axes)});
}

// By mean and variance of the batch itself.
Value* by_batch_statistics(Conversion& c) {
  const DataType type = c.meta("input").type;
  std::vector<int64_t> axes = {0};
  for (int64_t axis = 2; axis < c.rank("input"); ++axis) axes.push_back(axis);
  Value* input = c.tensor("input");
  Value* centred = c.emit("Sub", {input, c.emit("ReduceMean", {input, c.ints(axes)})});
  Value* variance = c.emit("ReduceMean", {c.emit("Mul", {centred, centred}), c.ints(axes)});
  Value* deviation = c.emit("Sqrt", {c.emit("Add", {variance, c.scalar(type, c.number("eps", 1e-5))})});
  Value* output = c.emit("Div", {centred, deviation});
  if (c.has("weight")) output = c.emit("Mul", {output, beside_channels(c, c.tensor("weight"))});
  if (c.has("bias")) output = c.emit("Add", {output, beside_channels(c, c.tensor("bias"))});
  return output;
}

Value* normalize(Conversion& c, bool by_batch) {
  if (!by_batch) return by_running_statistics(c);
  if (c.has("running_mean"))
    c.refuse("it updates its running statistics while training: export the model in eval()");
  // One image is a batch and an instance.
  return c.meta("input").sizes[0] == Dim(1) && c.rank("input") > 2 ? of_each_instance(c)
                                                                   : by_batch_statistics(c);
}

}  // namespace

// batch_norm, native_batch_norm, _native_batch_norm_legit, _native_batch_norm_legit_functional
void convert_batch_norm(Conversion& c) {
  require_first_result_only(c);
  c.result(normalize(c, c.truth("training", false)));
}

// _native_batch_norm_legit_no_training, _batch_norm_no_update
void convert_batch_norm_after_training(Conversion& c) {
  require_first_result_only(c);
  c.result(normalize(c, false));
}

void convert_instance_norm(Conversion& c) {
  if (!c.truth("use_input_stats", true)) return c.result(by_running_statistics(c));
  if (c.has("running_mean") && c.number("momentum", 0.1) != 0)
    c.refuse("it updates its running statistics while training: export the model in eval()");
  c.result(of_each_instance(c));
}

}  // namespace slipway::torch::aten
