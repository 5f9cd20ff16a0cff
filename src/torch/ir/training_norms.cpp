// Norms in training: they take the statistics of their input and move the running ones towards them.
#include <utility>

#include "base/error.hpp"
#include "torch/ir/call_arguments.hpp"
#include "torch/ir/in_place_operators.hpp"

namespace slipway::torch::ir {
namespace {

Argument argument(const Call& call, std::string_view name, Argument missing = {}) {
  const Argument* given = call.find(name);
  return given ? *given : missing;
}

// Result, mean and inverse deviation of the batch, new running mean and variance; those that are nullptr are
// not used.
struct Results {
  Value *result = nullptr, *mean = nullptr, *deviation = nullptr;
};

std::vector<Value*> normalised(std::vector<NamedArgument> arguments, const Results& results,
                               const TensorMeta& mean, const TensorMeta& variance, Emitter& emitter) {
  std::vector<Value*> statistics = {emitter.new_tensor("running_mean", mean.type, mean.sizes),
                                    emitter.new_tensor("running_var", variance.type, variance.sizes)};
  emitter.call("aten._native_batch_norm_legit_functional.default", std::move(arguments),
               {results.result, results.mean, results.deviation, statistics[0], statistics[1]});
  return statistics;
}

Value* repeated(const Call& call, std::string_view name, const Int& times, const Dim& channels,
                Emitter& emitter) {
  Value* value = tensor_argument(call, name);
  if (!value) return nullptr;
  return emitter.make("aten.repeat.default", {{"self", of(value)}, {"repeats", {std::vector{times}}}},
                      value->meta.type, {channels});
}

Argument or_none(Value* value) {
  return value ? of(value) : Argument{};
}

}  // namespace

std::vector<Value*> batch_norm_contents(const Call& call, Emitter& emitter) {
  Results results;
  const auto output = [&](size_t index) {
    return index < call.outputs.size() ? call.outputs[index] : nullptr;
  };
  results.result = output(0);
  if (call.outputs.size() >= 3) std::tie(results.mean, results.deviation) = std::pair(output(1), output(2));
  if (output(3)) fail(ErrorCode::kUnsupported, "what it keeps for a backward pass is used");
  std::vector<NamedArgument> arguments;
  for (const std::string_view name : {"input", "weight", "bias", "running_mean", "running_var"})
    arguments.push_back({std::string(name), argument(call, name)});
  arguments.push_back({"training", {Bool{true}}});
  for (const std::string_view name : {"momentum", "eps"})
    arguments.push_back({std::string(name), argument(call, name)});
  return normalised(std::move(arguments), results, tensor_argument(call, "running_mean")->meta,
                    tensor_argument(call, "running_var")->meta, emitter);
}

// Every channel of every sample is a channel of one batch; its running statistics begin as those of the
// channel, and the mean over the samples of what they become is kept. PyTorch computes it so.
std::vector<Value*> instance_norm_contents(const Call& call, Emitter& emitter) {
  Value* input = tensor_argument(call, "input");
  if (!input || input->meta.sizes.size() < 2)
    fail(ErrorCode::kInvalidModel, "it has no input of rank 2 or more");
  const TensorMeta& meta = input->meta;
  const Dim &samples = meta.sizes[0], &channels = meta.sizes[1];
  Shape folded = meta.sizes;
  folded.erase(folded.begin());
  folded[0] = samples * channels;
  folded.insert(folded.begin(), Dim(1));
  const Int times = emitter.sizes({samples}).front();
  Value* batch = emitter.make(
      "aten.view.default", {{"self", of(input)}, {"size", {emitter.view_sizes(folded)}}}, meta.type, folded);
  Results results;
  results.result = emitter.new_tensor("instance_norm", meta.type, folded);
  std::vector<NamedArgument> arguments = {{"input", of(batch)}};
  TensorMeta statistics;
  for (const std::string_view name : {"weight", "bias", "running_mean", "running_var"}) {
    Value* value = repeated(call, name, times, folded[1], emitter);
    if (value) statistics = value->meta;
    arguments.push_back({std::string(name), or_none(value)});
  }
  arguments.push_back({"training", {Bool{true}}});
  arguments.push_back({"momentum", argument(call, "momentum")});
  arguments.push_back({"eps", argument(call, "eps")});
  std::vector<Value*> contents = normalised(std::move(arguments), results, statistics, statistics, emitter);
  for (Value*& content : contents) {
    const Shape matrix = {samples, channels};
    content =
        emitter.make("aten.view.default", {{"self", of(content)}, {"size", {emitter.view_sizes(matrix)}}},
                     statistics.type, matrix);
    content = emitter.make("aten.mean.dim", {{"self", of(content)}, {"dim", of(std::vector<int64_t>{0})}},
                           statistics.type, {channels});
  }
  if (!call.outputs.empty() && call.outputs[0])
    emitter.make("aten.view.default",
                 {{"self", of(results.result)}, {"size", {emitter.view_sizes(meta.sizes)}}}, meta.type,
                 meta.sizes, call.outputs[0]);
  return contents;
}

}  // namespace slipway::torch::ir
