// Which of ATen's operators return views, and of what form. Some return a view or a copy, as the strides
// allow: what they do is computed from the strides that the program states, as PyTorch does.
#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/error.hpp"
#include "torch/ir/complex_pairs.hpp"
#include "torch/ir/view_parts.hpp"

namespace slipway::torch::ir {
namespace {

Sharing same(const ViewCall& seen) {
  return seen.view(SameView{});
}

Sharing reshape(const ViewCall& seen) {
  return seen.view(ReshapeView{});
}

// A view where the strides allow it, else a copy.
Sharing reshape_or_copy(const ViewCall& seen) {
  return seen.if_so(seen.assignments.ask({&seen.source.meta, &seen.meta},
                                         [](std::span<const Layout> layouts) {
                                           return can_be_viewed_as(layouts[0], layouts[1].sizes);
                                         }),
                    ReshapeView{});
}

std::vector<int64_t> in_order(int64_t rank) {
  std::vector<int64_t> axes(static_cast<size_t>(rank));
  for (int64_t axis = 0; axis < rank; ++axis) axes[static_cast<size_t>(axis)] = axis;
  return axes;
}

Sharing permute(const ViewCall& seen, std::vector<int64_t> axes) {
  std::vector<int64_t> sorted = axes;
  std::ranges::sort(sorted);
  return sorted == in_order(seen.rank()) ? seen.view(PermuteView{std::move(axes)}) : seen.unclear();
}

Sharing swap(const ViewCall& seen, std::optional<int64_t> a, std::optional<int64_t> b) {
  if (seen.rank() == 0) return same(seen);
  if (!a || !b) return seen.unclear();
  std::vector<int64_t> axes = in_order(seen.rank());
  std::swap(axes[static_cast<size_t>(*a)], axes[static_cast<size_t>(*b)]);
  return permute(seen, std::move(axes));
}

Sharing transpose(const ViewCall& seen) {
  return swap(seen, seen.axis("dim0"), seen.axis("dim1"));
}

Sharing swap_axes(const ViewCall& seen) {
  return swap(seen, seen.axis("axis0"), seen.axis("axis1"));
}

Sharing swap_last_two(const ViewCall& seen) {
  return seen.rank() < 2 ? same(seen) : swap(seen, seen.rank() - 2, seen.rank() - 1);
}

// mH and the like: with the complex conjugate, which leaves reals as they are.
Sharing adjoint(const ViewCall& seen) {
  if (!is_complex(seen.meta.type)) return swap_last_two(seen);
  return seen.unclear();
}

Sharing reverse_axes(const ViewCall& seen) {
  std::vector<int64_t> axes = in_order(seen.rank());
  std::ranges::reverse(axes);
  return permute(seen, std::move(axes));
}

Sharing permute_as_given(const ViewCall& seen) {
  auto axes = seen.axes("dims");
  if (!axes) return seen.unclear();
  return permute(seen, std::move(*axes));
}

Sharing move_axes(const ViewCall& seen) {
  const auto from = seen.axes("source"), to = seen.axes("destination");
  if (!from || !to || from->size() != to->size()) return seen.unclear();
  std::vector<int64_t> axes(static_cast<size_t>(seen.rank()), -1);
  for (size_t i = 0; i < from->size(); ++i) axes[static_cast<size_t>((*to)[i])] = (*from)[i];
  int64_t next = 0;
  for (int64_t& axis : axes) {
    if (axis >= 0) continue;
    while (std::ranges::find(*from, next) != from->end()) ++next;
    axis = next++;
  }
  return permute(seen, std::move(axes));
}

Sharing unsqueeze(const ViewCall& seen) {
  const auto axis = seen.axis("dim", {}, 1);
  return axis ? seen.view(UnsqueezeView{*axis}) : seen.unclear();
}

Sharing squeeze(const ViewCall& seen) {
  const auto axes = seen.axes("dim");
  const auto removed = seen.rank() - static_cast<int64_t>(seen.meta.sizes.size());
  if (removed == 0) return same(seen);
  if (axes && axes->size() == 1) return seen.view(SqueezeView{axes->front()});
  return reshape(seen);
}

Sharing expand(const ViewCall& seen) {
  return seen.source.meta.sizes == seen.meta.sizes ? same(seen) : seen.view(ExpandView{});
}

// By sizes and strides over the storage, whatever the source shows of it.
Sharing as_strided(const ViewCall& seen) {
  const auto sizes = ints_argument(seen.call, "size"), strides = ints_argument(seen.call, "stride");
  const Dim& own = seen.source.meta.offset;
  const auto offset =
      int_argument(seen.call, "storage_offset", own.is_known() ? std::optional(own.value()) : std::nullopt);
  if (!sizes || !strides || sizes->size() != strides->size() || !offset) return seen.unclear();
  Layout places{*sizes, *strides, *offset};
  if (!is_computable(places)) return seen.unclear();
  return {Sharing::Kind::kInMemory, &seen.source, {{SameView{}, seen.meta}}, std::move(places)};
}

Sharing bits(const ViewCall& seen) {
  return seen.meta.type == seen.source.meta.type ? same(seen) : seen.view(BitsView{});
}

Sharing view(const ViewCall& seen) {
  return overload_of(seen.call) == "dtype" ? bits(seen) : reshape(seen);
}

Sharing part_of_complex(const ViewCall& seen, int64_t part) {
  TensorMeta pairs = seen.meta;
  pairs.sizes.push_back(2);
  return {Sharing::Kind::kView,
          &seen.source,
          {{PairsView{}, pairs}, {SelectView{seen.rank(), of(part)}, seen.meta}},
          {}};
}

Sharing real(const ViewCall& seen) {
  return is_complex(seen.source.meta.type) ? part_of_complex(seen, 0) : same(seen);
}
Sharing imaginary(const ViewCall& seen) {
  return part_of_complex(seen, 1);
}
Sharing pairs(const ViewCall& seen) {
  return seen.view(PairsView{});
}
Sharing from_pairs(const ViewCall& seen) {
  return seen.view(ComplexView{});
}
Sharing conjugate(const ViewCall& seen) {
  return is_complex(seen.source.meta.type) ? seen.view(MirrorView{"aten._conj.default"}) : same(seen);
}
Sharing negative(const ViewCall& seen) {
  return seen.view(MirrorView{"aten._neg_view.default"});
}

// conj_physical and the like: complex tensors are computed, others returned as they are.
Sharing same_if_real(const ViewCall& seen) {
  return is_complex(seen.source.meta.type) ? seen.unclear() : same(seen);
}

Answer is_laid_out(const ViewCall& seen, std::string_view argument, std::string_view missing) {
  const Argument* given = seen.call.find(argument);
  const auto* format = given ? given->as<Enumerator>() : nullptr;
  const std::string_view name = format ? std::string_view(format->name) : missing;
  if (name == "preserve_format") return Answer::kYes;
  const bool last = name.starts_with("channels_last");
  if (!last && name != "contiguous_format") return Answer::kUnknown;
  return seen.assignments.ask({&seen.source.meta}, [last](std::span<const Layout> layouts) {
    return last ? is_channels_last(layouts[0]) : is_row_major(layouts[0]);
  });
}

Sharing contiguous(const ViewCall& seen) {
  return seen.if_so(is_laid_out(seen, "memory_format", "contiguous_format"), SameView{});
}

Sharing ravel(const ViewCall& seen) {
  return seen.if_so(is_laid_out(seen, "", "contiguous_format"), ReshapeView{});
}

// to, type_as: a copy only if something changes.
Sharing converted(const ViewCall& seen) {
  if (seen.meta.type != seen.source.meta.type) return seen.own();
  const auto copy = bool_argument(seen.call, "copy", false);
  if (!copy) return seen.unclear();
  return *copy ? seen.own() : seen.if_so(is_laid_out(seen, "memory_format", "preserve_format"), SameView{});
}

// What dropout gives back when it drops nothing is what it was given.
Sharing dropout(const ViewCall& seen) {
  const auto train = bool_argument(seen.call, "train");
  if (train == false || number_argument(seen.call, "p") == 0.0) return same(seen);
  return train == true ? seen.own() : seen.unclear();
}

// A sum over nothing may be what it was given; so may an einsum and a product of one operand.
Sharing unclear(const ViewCall& seen) {
  return seen.unclear();
}
Sharing unclear_if_alone(const ViewCall& seen) {
  for (const NamedArgument& given : seen.call.arguments)
    if (const auto* tensors = given.argument.as<Tensors>(); tensors && tensors->size() > 1) return seen.own();
  return seen.unclear();
}

using Form = Sharing (*)(const ViewCall&);

const std::unordered_map<std::string_view, Form>& forms() {
  static const std::unordered_map<std::string_view, Form> kForms = {
      {"_conj", conjugate},
      {"_neg_view", negative},
      {"_reshape_alias", reshape},
      {"_unsafe_view", reshape},
      {"adjoint", adjoint},
      {"alias", same},
      {"alpha_dropout", dropout},
      {"as_strided", as_strided},
      {"atleast_1d", reshape},
      {"atleast_2d", reshape},
      {"atleast_3d", reshape},
      {"broadcast_tensors", unclear},
      {"broadcast_to", expand},
      {"cartesian_prod", unclear_if_alone},
      {"chunk", view_parts::chunk},
      {"conj", conjugate},
      {"conj_physical", same_if_real},
      {"contiguous", contiguous},
      {"detach", same},
      {"diagonal", view_parts::diagonal},
      {"dropout", dropout},
      {"dsplit", view_parts::depth_split},
      {"einsum", unclear_if_alone},
      {"expand", expand},
      {"expand_as", expand},
      {"feature_alpha_dropout", dropout},
      {"feature_dropout", dropout},
      {"flatten", reshape_or_copy},
      {"hsplit", view_parts::horizontal_split},
      {"imag", imaginary},
      {"lift", same},
      {"lift_fresh", same},
      {"linalg_diagonal", view_parts::last_diagonal},
      {"mH", adjoint},
      {"mT", swap_last_two},
      {"matrix_H", adjoint},
      {"meshgrid", unclear},
      {"moveaxis", move_axes},
      {"movedim", move_axes},
      {"narrow", view_parts::narrow},
      {"numpy_T", reverse_axes},
      {"permute", permute_as_given},
      {"positive", same},
      {"ravel", ravel},
      {"real", real},
      {"reshape", reshape_or_copy},
      {"reshape_as", reshape_or_copy},
      {"resolve_conj", same_if_real},
      {"resolve_neg", same_if_real},
      {"select", view_parts::select},
      {"slice", view_parts::slice},
      {"split", view_parts::split},
      {"split_with_sizes", view_parts::split},
      {"squeeze", squeeze},
      {"sum_to_size", unclear},
      {"swapaxes", swap_axes},
      {"swapdims", transpose},
      {"t", swap_last_two},
      {"tensor_split", view_parts::tensor_split},
      {"to", converted},
      {"transpose", transpose},
      {"type_as", converted},
      {"unbind", view_parts::unbind},
      {"unflatten", reshape},
      {"unfold", view_parts::unfold},
      {"unsafe_chunk", view_parts::chunk},
      {"unsafe_split", view_parts::split},
      {"unsafe_split_with_sizes", view_parts::split},
      {"unsqueeze", unsqueeze},
      {"view", view},
      {"view_as", reshape},
      {"view_as_complex", from_pairs},
      {"view_as_real", pairs},
      {"vsplit", view_parts::vertical_split},
  };
  return kForms;
}

// The tensor that a view looks at: the first one that the call is given.
Value* first_tensor(const Call& call) {
  for (const NamedArgument& given : call.arguments) {
    if (const auto* value = given.argument.as<Value*>(); value && (*value)->kind == ValueKind::kTensor)
      return *value;
    const auto* tensors = given.argument.as<Tensors>();
    if (tensors && !tensors->empty()) return tensors->front();
  }
  return nullptr;
}

// How many axes a view of this form has more than what it looks at; nullopt: as many as it likes.
struct AddedAxes {
  template <typename Form>
  std::optional<int64_t> operator()(const Form&) const {
    return 0;
  }
  std::optional<int64_t> operator()(const ReshapeView&) const { return std::nullopt; }
  std::optional<int64_t> operator()(const ExpandView&) const { return std::nullopt; }
  std::optional<int64_t> operator()(const PlacesView&) const { return std::nullopt; }
  std::optional<int64_t> operator()(const UnsqueezeView&) const { return 1; }
  std::optional<int64_t> operator()(const SqueezeView&) const { return -1; }
  std::optional<int64_t> operator()(const SelectView&) const { return -1; }
  std::optional<int64_t> operator()(const DiagonalView&) const { return -1; }
  std::optional<int64_t> operator()(const PairsView&) const { return 1; }
  std::optional<int64_t> operator()(const ComplexView&) const { return -1; }
};

// Throws kInvalidModel where the program states a result that no view of this form has.
void check_rank(const Value& source, const std::vector<View>& views) {
  auto rank = static_cast<int64_t>(source.meta.sizes.size());
  for (const View& view : views) {
    const auto stated = static_cast<int64_t>(view.meta.sizes.size());
    const auto added = std::visit(AddedAxes{}, view.form);
    if ((added && stated != rank + *added) ||
        (std::holds_alternative<ExpandView>(view.form) && stated < rank))
      fail(ErrorCode::kInvalidModel, "a view of {} has {} axes", source.describe(), stated);
    rank = stated;
  }
}

}  // namespace

Sharing sharing_of(const Call& call, size_t index, const Assignments& assignments) {
  const auto form = forms().find(aten_name(call));
  const Value* result = call.outputs[index];
  Value* source = form == forms().end() ? nullptr : first_tensor(call);
  if (!source || result->kind != ValueKind::kTensor) return {};
  const ViewCall seen{call, *source, index, result->meta, assignments};
  const bool one = tensor_argument(call, call.arguments.front().name) == source;
  if (!one && form->second != unclear_if_alone) return seen.unclear();
  Sharing sharing = form->second(seen);
  if (sharing.kind == Sharing::Kind::kView) check_rank(*source, sharing.views);
  return sharing;
}

std::string view_target_of(const Call& call) {
  static const std::unordered_map<std::string_view, std::string_view> kViews = {
      {"as_strided_", "as_strided"}, {"detach_", "detach"},       {"squeeze_", "squeeze"},
      {"swapaxes_", "swapaxes"},     {"swapdims_", "swapdims"},   {"t_", "t"},
      {"transpose_", "transpose"},   {"unsqueeze_", "unsqueeze"},
  };
  const auto found = kViews.find(aten_name(call));
  if (found == kViews.end()) return "";
  const std::string_view overload = found->second == "transpose" ? "int" : overload_of(call);
  return "aten." + std::string(found->second) + "." + std::string(overload);
}

}  // namespace slipway::torch::ir
