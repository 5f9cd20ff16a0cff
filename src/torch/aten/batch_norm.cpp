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

// Mean and variance of the batch, for each channel, and the input without the mean.
struct BatchStatistics {
  explicit BatchStatistics(Conversion& conversion) : c(conversion), axes({0}) {
    for (int64_t axis = 2; axis < c.rank("input"); ++axis) axes.push_back(axis);
    Value* input = c.tensor("input");
    mean = c.emit("ReduceMean", {input, c.ints(axes)});
    centred = c.emit("Sub", {input, mean});
    variance = c.emit("ReduceMean", {c.emit("Mul", {centred, centred}), c.ints(axes)});
    deviation = c.emit("Sqrt", {c.emit("Add", {variance, number(c.number("eps", 1e-5))})});
  }
  Value* number(double value) const { return c.scalar(c.meta("input").type, value); }
  Value* by_channel(Value* value) const { return c.emit("Squeeze", {value, c.ints(axes)}); }
  Value* normalized() const {
    Value* output = c.emit("Div", {centred, deviation});
    if (c.has("weight")) output = c.emit("Mul", {output, beside_channels(c, c.tensor("weight"))});
    if (c.has("bias")) output = c.emit("Add", {output, beside_channels(c, c.tensor("bias"))});
    return output;
  }
  // The statistic of all that may come, by that of n elements: n/(n - 1) of it.
  Value* unbiased_variance() const {
    const Shape& sizes = c.meta("input").sizes;
    Dim count = 1;
    for (const int64_t axis : axes) count = count * sizes[static_cast<size_t>(axis)];
    Value* elements = count.is_known()
                          ? number(static_cast<double>(count.value()))
                          : c.emit("Cast", {c.shape({&count, 1})}, {{"to", c.meta("input").type}});
    return c.emit("Div",
                  {c.emit("Mul", {by_channel(variance), elements}), c.emit("Sub", {elements, number(1)})});
  }
  // What a running statistic becomes.
  Value* moved(const char* running, Value* now) const {
    const double momentum = c.number("momentum", 0.1);
    Value* kept = c.emit("Mul", {c.tensor(running), number(1 - momentum)});
    return c.emit("Add", {kept, c.emit("Mul", {now, number(momentum)})});
  }

  Conversion& c;
  std::vector<int64_t> axes;
  Value *mean = nullptr, *centred = nullptr, *variance = nullptr, *deviation = nullptr;
};

// By mean and variance of the batch itself: also these, and what the running ones become.
void normalize_by_batch(Conversion& c) {
  if (c.rank("input") < 2) c.refuse("its input has no channels");
  // One image is a batch and an instance.
  const bool one = c.meta("input").sizes[0] == Dim(1) && c.rank("input") > 2;
  if (one && !c.is_used(1) && !c.is_used(2) && !c.is_used(3) && !c.is_used(4))
    return c.result(of_each_instance(c));
  const BatchStatistics batch(c);
  c.result(0, batch.normalized());
  if (c.is_used(1)) c.result(1, batch.by_channel(batch.mean));
  if (c.is_used(2)) c.result(2, c.emit("Reciprocal", {batch.by_channel(batch.deviation)}));
  if (c.is_used(3)) c.result(3, batch.moved("running_mean", batch.by_channel(batch.mean)));
  if (c.is_used(4)) c.result(4, batch.moved("running_var", batch.unbiased_variance()));
}

}  // namespace

// batch_norm, native_batch_norm, _native_batch_norm_legit, _native_batch_norm_legit_functional
void convert_batch_norm(Conversion& c) {
  if (c.truth("training", false)) {
    const bool functional = c.call().target.find("_functional") != std::string::npos;
    if (c.has("running_mean") && !functional)
      c.refuse("it updates its running statistics while training: export the model in eval()");
    return normalize_by_batch(c);
  }
  require_first_result_only(c);
  c.result(by_running_statistics(c));
}

// _native_batch_norm_legit_no_training, _batch_norm_no_update
void convert_batch_norm_after_training(Conversion& c) {
  require_first_result_only(c);
  c.result(by_running_statistics(c));
}

void convert_instance_norm(Conversion& c) {
  if (!c.truth("use_input_stats", true)) return c.result(by_running_statistics(c));
  if (c.has("running_mean") && c.number("momentum", 0.1) != 0)
    c.refuse("it updates its running statistics while training: export the model in eval()");
  c.result(of_each_instance(c));
}

}  // namespace slipway::torch::aten
