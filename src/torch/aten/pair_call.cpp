#include "torch/aten/pair_call.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "torch/aten/conversion.hpp"
#include "torch/ir/call_arguments.hpp"
#include "torch/ir/complex_pairs.hpp"

namespace slipway::torch::aten {
namespace {

using Ints = std::vector<ir::Int>;

// What an operator's call says that is other for pairs: false when it cannot be said. `rank` is that of the
// complex tensor.
using Adapt = bool (*)(ir::Call& call, int64_t rank);

bool as_it_is(ir::Call&, int64_t) {
  return true;
}

bool append(ir::Call& call, std::string_view argument, int64_t number) {
  ir::Argument* given = call.find(argument);
  auto* numbers = given ? given->as<Ints>() : nullptr;
  if (numbers) numbers->push_back({number});
  return numbers;
}

bool append_size(ir::Call& call, int64_t) {
  return append(call, call.find("size") ? "size" : "shape", 2);
}

bool append_axis(ir::Call& call, int64_t rank) {
  return append(call, "dims", rank);
}

bool append_repeats(ir::Call& call, int64_t) {
  return append(call, call.find("repeats") ? "repeats" : "dims", 1);
}

bool name_last_axis(ir::Call& call, int64_t) {
  if (!call.find("end_dim")) call.set("end_dim", {ir::Int{-2}});
  return true;
}

// Without axes it would go over the parts too.
bool name_axes(ir::Call& call, int64_t rank) {
  const ir::Argument* given = call.find("dim");
  const auto* axes = given ? given->as<Ints>() : nullptr;
  if (given && !(axes && axes->empty())) return true;
  Ints all;
  for (int64_t axis = 0; axis < rank; ++axis) all.push_back({axis});
  if (all.empty()) return false;
  call.set("dim", {std::move(all)});
  return true;
}

bool has_axes(ir::Call& call, int64_t) {
  const ir::Argument* given = call.find("dims");
  const auto* axes = given ? given->as<Ints>() : nullptr;
  return axes && !axes->empty();
}

// Pads of the last axis stand first; both parts are padded by one number.
bool prepend_pads(ir::Call& call, int64_t) {
  const std::string_view mode = "constant";
  const ir::Argument *given_mode = call.find("mode"), *filling = call.find("value");
  if (given_mode && (!given_mode->as<std::string>() || *given_mode->as<std::string>() != mode)) return false;
  if (filling && ir::number_argument(call, "value") != 0.0) return false;
  ir::Argument* given = call.find("pad");
  auto* pads = given ? given->as<Ints>() : nullptr;
  if (pads) pads->insert(pads->begin(), 2, ir::Int{0});
  return pads;
}

// t, mT: the two axes in front of the parts.
bool name_matrix_axes(ir::Call& call, int64_t rank) {
  call.target = rank < 2 ? "aten.alias.default" : "aten.transpose.int";
  call.set("dim0", {ir::Int{rank - 2}});
  call.set("dim1", {ir::Int{rank - 1}});
  return true;
}

Adapt find_form(std::string_view name) {
  static const std::unordered_map<std::string_view, Adapt> kForms = {
      {"_neg_view", as_it_is},
      {"_reshape_alias", append_size},
      {"_unsafe_view", append_size},
      {"alias", as_it_is},
      {"alias_copy", as_it_is},
      {"broadcast_to", append_size},
      {"cat", as_it_is},
      {"chunk", as_it_is},
      {"clone", as_it_is},
      {"constant_pad_nd", prepend_pads},
      {"contiguous", as_it_is},
      {"cumsum", as_it_is},
      {"detach", as_it_is},
      {"detach_copy", as_it_is},
      {"diagonal", as_it_is},
      {"expand", append_size},
      {"expand_as", as_it_is},
      {"flatten", name_last_axis},
      {"flip", as_it_is},
      {"index", as_it_is},
      {"index_put", as_it_is},
      {"index_select", as_it_is},
      {"lift", as_it_is},
      {"lift_fresh", as_it_is},
      {"lift_fresh_copy", as_it_is},
      {"mT", name_matrix_axes},
      {"mean", name_axes},
      {"moveaxis", as_it_is},
      {"movedim", as_it_is},
      {"narrow", as_it_is},
      {"neg", as_it_is},
      {"negative", as_it_is},
      {"pad", prepend_pads},
      {"permute", append_axis},
      {"repeat", append_repeats},
      {"reshape", append_size},
      {"reshape_as", as_it_is},
      {"resolve_neg", as_it_is},
      {"roll", has_axes},
      {"select", as_it_is},
      {"select_scatter", as_it_is},
      {"slice", as_it_is},
      {"slice_scatter", as_it_is},
      {"split", as_it_is},
      {"split_with_sizes", as_it_is},
      {"squeeze", as_it_is},
      {"stack", as_it_is},
      {"sum", name_axes},
      {"swapaxes", as_it_is},
      {"swapdims", as_it_is},
      {"t", name_matrix_axes},
      {"tensor_split", as_it_is},
      {"tile", append_repeats},
      {"transpose", as_it_is},
      {"unbind", as_it_is},
      {"unflatten", as_it_is},
      {"unsqueeze", as_it_is},
      {"view", append_size},
      {"view_as", as_it_is},
  };
  const auto found = kForms.find(name);
  return found == kForms.end() ? nullptr : found->second;
}

// The axes' arguments, of all operators.
constexpr std::string_view kAxes[] = {"dim",   "dim0",      "dim1",    "dims",   "axis0",
                                      "axis1", "start_dim", "end_dim", "source", "destination"};

void shift(ir::Int& axis) {
  // What lies far outside is left to the rule, which refuses it.
  if (axis.is_constant() && axis.constant < 0 && axis.constant >= -Conversion::kLargestInteger)
    --axis.constant;
}

void shift_axes(ir::Call& call) {
  for (const std::string_view name : kAxes) {
    ir::Argument* given = call.find(name);
    if (!given) continue;
    if (auto* axis = given->as<ir::Int>()) shift(*axis);
    if (auto* axes = given->as<Ints>()) std::for_each(axes->begin(), axes->end(), shift);
  }
}

// Reals are welcome as places and masks only.
bool takes_reals(std::string_view name) {
  return name.starts_with("index");
}

}  // namespace

bool is_of_complex_numbers(const ir::Call& call) {
  const auto is_complex = [](const ir::Value* value) { return value && ir::is_complex(value->meta.type); };
  if (std::any_of(call.outputs.begin(), call.outputs.end(), is_complex)) return true;
  return std::any_of(call.arguments.begin(), call.arguments.end(), [&](const ir::NamedArgument& given) {
    if (const auto* value = given.argument.as<ir::Value*>()) return is_complex(*value);
    const auto* values = given.argument.as<ir::Tensors>();
    return values && std::any_of(values->begin(), values->end(), is_complex);
  });
}

std::optional<ir::Call> pair_call(const ir::Call& call,
                                  const std::function<ir::Value*(const ir::Value*)>& pair_of) {
  const std::string_view name = ir::aten_name(call);
  const Adapt adapt = find_form(name);
  if (!adapt) return std::nullopt;
  ir::Call pairs = call;
  int64_t rank = -1;
  bool fits = true;
  for (ir::NamedArgument& given : pairs.arguments)
    ir::for_each_value(given.argument, [&](ir::Value*& value) {
      if (value->kind != ir::ValueKind::kTensor) return;
      if (!ir::is_complex(value->meta.type)) {
        fits = fits && takes_reals(name) && !is_floating_point(value->meta.type);
        return;
      }
      if (rank < 0) rank = static_cast<int64_t>(value->meta.sizes.size());
      value = pair_of(value);
    });
  // A type may be stated, which must be that of the parts.
  if (ir::Argument* type = pairs.find("dtype"); type && type->as<DataType>()) {
    fits = fits && ir::is_complex(*type->as<DataType>());
    type->content = ir::part_type(*type->as<DataType>());
  }
  if (!fits || rank < 0) return std::nullopt;
  shift_axes(pairs);
  if (!adapt(pairs, rank)) return std::nullopt;
  for (ir::Value*& output : pairs.outputs) {
    if (!output) continue;
    if (!ir::is_complex(output->meta.type)) return std::nullopt;
    output = pair_of(output);
  }
  return pairs;
}

}  // namespace slipway::torch::aten
