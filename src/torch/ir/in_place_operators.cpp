#include "torch/ir/in_place_operators.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/error.hpp"
#include "torch/ir/call_arguments.hpp"
#include "torch/ir/promotion.hpp"
#include "torch/ir/views.hpp"

namespace slipway::torch::ir {
namespace {

// In-place operators whose counterpart has another name. A target with an overload stands for that one only.
const std::unordered_map<std::string_view, std::string_view>& counterparts() {
  static const std::unordered_map<std::string_view, std::string_view> kCounterparts = {
      {"__iand__", "bitwise_and"},
      {"__ilshift__", "__lshift__"},
      {"__ior__", "bitwise_or"},
      {"__irshift__", "__rshift__"},
      {"__ixor__", "bitwise_xor"},
      {"_index_put_impl_", "index_put"},
      {"bernoulli_.float", "bernoulli.p"},
      {"floor_divide_.Tensor", "floor_divide.default"},
      {"ldexp_.default", "ldexp.Tensor"},
      {"normal_", "normal_functional"},
      {"pow_.Scalar", "pow.Tensor_Scalar"},
      {"pow_.Tensor", "pow.Tensor_Tensor"},
      {"float_power_.Scalar", "float_power.Tensor_Scalar"},
      {"float_power_.Tensor", "float_power.Tensor_Tensor"},
  };
  return kCounterparts;
}

// Calls that write in ways that have no counterpart here.
bool is_refused(std::string_view name) {
  static const std::unordered_set<std::string_view> kRefused = {
      "_cummax_helper",
      "_cummin_helper",
      "_fill_mem_eff_dropout_mask_",
      "_flash_attention_forward_no_dropout_inplace",
      "_fused_moving_avg_obs_fq_helper",
      "embedding_renorm_",
      "fused_moving_avg_obs_fake_quant",
      "record_stream",
      "rrelu_with_noise",
      "rrelu_with_noise_",
      "set_",
      "set_data",
  };
  return kRefused.contains(name) || ((name.starts_with("_foreach_") || name.starts_with("_fused_") ||
                                      name.starts_with("_amp_") || name.starts_with("_sobol_")) &&
                                     name.ends_with('_'));
}

// The overload that "aten.NAME.out" writes the result of: "default" where it is not listed.
constexpr std::array kTensorOverloads = {"add", "bitwise_and", "bitwise_or", "bitwise_xor", "copysign",
                                         "div", "divide",      "ldexp",      "mul",         "multiply",
                                         "sub", "subtract",    "true_divide"};
constexpr std::array kDimOverloads = {"all", "any", "frobenius_norm", "mean", "std", "var"};

// "add.out" writes what "add.Tensor" returns, "clamp.Tensor_out" what "clamp.Tensor" does.
std::string target_without_out(std::string_view name, std::string_view overload) {
  std::string plain = "default";
  if (overload != "out")
    plain = overload.substr(0, overload.size() - std::string_view("_out").size());
  else if (std::ranges::find(kTensorOverloads, name) != kTensorOverloads.end())
    plain = "Tensor";
  else if (std::ranges::find(kDimOverloads, name) != kDimOverloads.end())
    plain = "dim";
  else if ((name == "max" || name == "min"))
    plain = "other";
  else if (name == "norm")
    plain = "ScalarOpt_dim";
  if (plain == "unary" || plain == "all") plain = "default";
  if (name == "sum" && plain == "IntList") plain = "dim_IntList";
  if (name == "prod" && plain == "int") plain = "dim_int";
  return "aten." + std::string(name) + "." + plain;
}

bool has_out(const Call& call) {
  const std::string_view overload = overload_of(call);
  return !aten_name(call).empty() && (overload == "out" || overload.ends_with("_out"));
}

// Overloads that are named after other things that they write.
bool has_other_outs(const Call& call) {
  static const std::unordered_set<std::string_view> kOverloads = {"L",
                                                                  "OutScalar_Other",
                                                                  "OutScalar_Self",
                                                                  "OutTensor",
                                                                  "Q",
                                                                  "U",
                                                                  "X",
                                                                  "a",
                                                                  "dim_max",
                                                                  "dim_min",
                                                                  "dim_values",
                                                                  "eigenvalues",
                                                                  "eigvals",
                                                                  "grad_input",
                                                                  "inverse",
                                                                  "out_",
                                                                  "out_mode",
                                                                  "out_rcond_tensor",
                                                                  "out_tol_tensor",
                                                                  "output",
                                                                  "result",
                                                                  "sign",
                                                                  "values",
                                                                  "values_stable"};
  return !aten_name(call).empty() && kOverloads.contains(overload_of(call));
}

// Several results, written to arguments of these names.
struct SeveralOuts {
  std::string_view target;
  std::vector<std::string_view> arguments;
  std::string_view counterpart;
};
const SeveralOuts* several_outs(const Call& call) {
  static const std::vector<SeveralOuts> kOuts = {
      {"aten.aminmax.out", {"min", "max"}, "aten.aminmax.default"},
      {"aten.cummax.out", {"values", "indices"}, "aten.cummax.default"},
      {"aten.cummin.out", {"values", "indices"}, "aten.cummin.default"},
      {"aten.kthvalue.values", {"values", "indices"}, "aten.kthvalue.default"},
      {"aten.max.dim_max", {"max", "max_values"}, "aten.max.dim"},
      {"aten.median.dim_values", {"values", "indices"}, "aten.median.dim"},
      {"aten.min.dim_min", {"min", "min_indices"}, "aten.min.dim"},
      {"aten.mode.values", {"values", "indices"}, "aten.mode.default"},
      {"aten.sort.values", {"values", "indices"}, "aten.sort.default"},
      {"aten.sort.values_stable", {"values", "indices"}, "aten.sort.stable"},
      {"aten.topk.values", {"values", "indices"}, "aten.topk.default"},
  };
  const auto found = std::ranges::find(kOuts, call.target, &SeveralOuts::target);
  return found == kOuts.end() ? nullptr : &*found;
}

// The result is computed in the type of the operands; where `out` has another one, PyTorch's operators
// differ.
void check_out(const Call& call, DataType out, bool promoted) {
  if (call.outputs.size() > 1) fail(ErrorCode::kUnsupported, "it writes several results to arguments");
  bool any = false;
  const auto check = [&](const Value* operand) {
    if (!operand || operand->kind != ValueKind::kTensor) return;
    any = true;
    if (!promoted && operand->meta.type != out)
      fail(ErrorCode::kUnsupported, "its result goes into a tensor of another type, {}", name_of(out));
  };
  for (const NamedArgument& given : call.arguments) {
    if (given.name == "out") continue;
    if (const auto* value = given.argument.as<Value*>()) check(*value);
    if (const auto* values = given.argument.as<Tensors>())
      for (const Value* value : *values) check(value);
  }
  if (!any) fail(ErrorCode::kUnsupported, "its result has no operand but the tensor that it goes into");
}

// Norms that update running statistics, when they are told to.
bool updates_statistics(const Call& call) {
  const std::string_view name = aten_name(call);
  std::string_view flag;
  if (name == "batch_norm" || name == "native_batch_norm" ||
      call.target == "aten._native_batch_norm_legit.default" || name == "cudnn_batch_norm" ||
      name == "miopen_batch_norm")
    flag = "training";
  else if (name == "instance_norm")
    flag = "use_input_stats";
  else if (name != "_batch_norm_with_update")
    return false;
  if (!tensor_argument(call, "running_mean") || !tensor_argument(call, "running_var")) return false;
  if (flag.empty()) return true;
  const auto updates = bool_argument(call, flag, true);
  if (!updates)
    fail(ErrorCode::kUnsupported, "whether it updates its running statistics depends on a value, '{}'", flag);
  if (*updates && name.ends_with("n_batch_norm"))
    fail(ErrorCode::kUnsupported, "it updates running statistics, as only GPUs do");
  return *updates;
}

bool drops_nothing(const Call& call) {
  return aten_name(call).ends_with("dropout_") &&
         (bool_argument(call, "train") == false || number_argument(call, "p") == 0.0);
}

bool ends_in_underscore(std::string_view name) {
  return (name.ends_with('_') && !name.ends_with("__")) || name.starts_with("__i");
}

const NamedArgument& first_argument(const Call& call) {
  if (call.arguments.empty()) fail(ErrorCode::kInvalidModel, "it has no arguments");
  return call.arguments.front();
}

Value* written_tensor(const Call& call, std::string_view name) {
  Value* tensor = tensor_argument(call, name);
  if (!tensor) fail(ErrorCode::kInvalidModel, "argument '{}', which it writes to, is no tensor", name);
  return tensor;
}

// Without arguments that only say where the result goes.
std::vector<NamedArgument> arguments_without(const Call& call, const std::vector<std::string_view>& names) {
  std::vector<NamedArgument> arguments;
  for (const NamedArgument& given : call.arguments)
    if (std::ranges::find(names, given.name) == names.end()) arguments.push_back(given);
  return arguments;
}

Value* filled(const TensorMeta& meta, Argument value, Emitter& emitter) {
  return emitter.make(
      "aten.full.default",
      {{"size", {emitter.sizes(meta.sizes)}}, {"fill_value", std::move(value)}, {"dtype", {meta.type}}},
      meta.type, meta.sizes);
}

// fill_diagonal_: along all axes at once; with `wrap`, on and on in a tall matrix.
Value* filled_diagonal(const Call& call, Value* self, Emitter& emitter) {
  const Argument* value = call.find("fill_value");
  const TensorMeta& meta = self->meta;
  if (!value || !all_known(meta.sizes) || meta.sizes.size() < 2)
    fail(ErrorCode::kUnsupported, "it fills the diagonal of {}, whose size is not known", self->describe());
  const Dims sizes = known_dims(meta.sizes);
  const int64_t count = element_count(sizes), columns = sizes[1];
  int64_t length = *std::ranges::min_element(sizes);
  if (sizes.size() == 2) {
    const bool wrap = bool_argument(call, "wrap", false) == true;
    if (wrap && sizes[0] > columns) {
      length = (count + columns) / (columns + 1);
    } else {
      Value* diagonal = filled({meta.type, {length}, {}, 0}, *value, emitter);
      return emitter.make("aten.diagonal_scatter.default", {{"self", of(self)}, {"src", of(diagonal)}},
                          meta.type, meta.sizes);
    }
  }
  int64_t step = 0;
  for (int64_t stride = 1; const int64_t size : std::vector(sizes.rbegin(), sizes.rend())) {
    step += stride;
    stride *= size;
  }
  const View diagonal{PlacesView{{{length}, {step}, 0}}, {meta.type, {length}, {}, 0}};
  return put_back(diagonal, meta, [self] { return self; }, filled(diagonal.meta, *value, emitter), emitter);
}

// The call without the underscore.
Value* counterpart(const Call& call, Value* self, Emitter& emitter) {
  const std::string_view name = aten_name(call), overload = overload_of(call);
  std::string target = std::string(name.substr(0, name.size() - 1)) + "." + std::string(overload);
  const std::string full = std::string(name) + "." + std::string(overload);
  if (const auto exact = counterparts().find(full); exact != counterparts().end())
    target = exact->second;
  else if (const auto renamed = counterparts().find(name); renamed != counterparts().end())
    target = std::string(renamed->second) + "." + std::string(overload);
  std::vector<NamedArgument> arguments =
      arguments_without(call, {name == "_index_put_impl_" ? "unsafe" : ""});
  const DataType type = result_type_of(call).value_or(self->meta.type);
  // Sums of narrow integers are widened, unless told not to be; cut off again they are the same.
  if ((name == "cumsum_" || name == "cumprod_") && !call.find("dtype"))
    arguments.push_back({"dtype", {type}});
  return emitter.make("aten." + target, std::move(arguments), type, self->meta.sizes);
}

std::vector<Value*> several_contents(const SeveralOuts& outs, const Call& call, Emitter& emitter) {
  std::vector<Value*> contents;
  for (const std::string_view name : outs.arguments) {
    const TensorMeta& meta = written_tensor(call, name)->meta;
    contents.push_back(emitter.new_tensor(std::string(name), meta.type, meta.sizes));
  }
  emitter.call(std::string(outs.counterpart), arguments_without(call, outs.arguments), contents);
  return contents;
}

}  // namespace

std::vector<Written> written_by(const Call& call) {
  const std::string_view name = aten_name(call);
  if (is_refused(name) || (has_other_outs(call) && !several_outs(call)))
    fail(ErrorCode::kUnsupported, "what it writes to its arguments cannot be told apart");
  const auto output = [&](size_t index) {
    return index < call.outputs.size() && call.outputs[index] ? std::optional(index) : std::nullopt;
  };
  if (const SeveralOuts* outs = several_outs(call)) {
    std::vector<Written> result;
    for (size_t i = 0; i < outs->arguments.size(); ++i)
      result.push_back({outs->arguments[i], written_tensor(call, outs->arguments[i]), output(i), true});
    return result;
  }
  if (has_out(call)) return {{"out", written_tensor(call, "out"), output(0), true}};
  if (updates_statistics(call))
    return {{"running_mean", written_tensor(call, "running_mean"), {}, false},
            {"running_var", written_tensor(call, "running_var"), {}, false}};
  if (name.empty()) {
    // Operators of others state in their schema what they write to; a program does not.
    const std::string_view target = call.target;
    const std::string_view stem = target.substr(0, target.rfind('.'));
    if (target.find('.') != target.rfind('.') && !target.starts_with("higher_order.") &&
        (call.outputs.empty() || (stem.ends_with('_') && !stem.ends_with("__"))))
      fail(ErrorCode::kUnsupported,
           "an operator that is not PyTorch's own and seems to write to its arguments");
    return {};
  }
  if (!ends_in_underscore(name) || name == "requires_grad_") return {};
  if (name == "resize_" || name == "resize_as_" || drops_nothing(call)) return {};
  const NamedArgument& self = first_argument(call);
  const bool whole = name == "fill_" || name == "zero_" || name == "copy_";
  return {{self.name, written_tensor(call, self.name), output(0), whole}};
}

bool is_read_first(const Call& call, std::string_view argument) {
  const std::string_view name = aten_name(call);
  return argument == "value" && (name == "fill_" || name == "masked_fill_" || name == "index_fill_");
}

std::vector<Value*> contents_written(const Call& call, Emitter& emitter) {
  const std::string_view name = aten_name(call);
  if (const SeveralOuts* outs = several_outs(call)) return several_contents(*outs, call, emitter);
  if (has_out(call)) {
    const TensorMeta& meta = written_tensor(call, "out")->meta;
    const std::optional<DataType> promoted = result_type_of(call);
    check_out(call, meta.type, promoted.has_value());
    return {emitter.make(target_without_out(name, overload_of(call)), arguments_without(call, {"out"}),
                         promoted.value_or(meta.type), meta.sizes)};
  }
  if (name == "instance_norm") return instance_norm_contents(call, emitter);
  if (updates_statistics(call)) return batch_norm_contents(call, emitter);

  Value* self = written_tensor(call, first_argument(call).name);
  if (name == "copy_") return {written_tensor(call, "src")};
  if (name == "zero_") return {filled(self->meta, of(int64_t{0}), emitter)};
  if (name == "fill_") {
    if (Value* value = tensor_argument(call, "value")) return {value};
    const Argument* value = call.find("value");
    if (!value) fail(ErrorCode::kInvalidModel, "it has no argument 'value'");
    return {filled(self->meta, *value, emitter)};
  }
  if (name == "fill_diagonal_") return {filled_diagonal(call, self, emitter)};
  return {counterpart(call, self, emitter)};
}

}  // namespace slipway::torch::ir
