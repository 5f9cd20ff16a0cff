// Which of ATen's operators return views, and of what form. Some return a view or a copy, as the strides
// allow: what they do is computed from the strides that the program states, as PyTorch does.
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <unordered_map>

#include "base/error.hpp"
#include "torch/ir/call_arguments.hpp"
#include "torch/ir/views.hpp"

namespace slipway::torch::ir {
namespace {

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
// Beyond, the numbers of a call are not computed with.
constexpr int64_t kLargest = int64_t{1} << 48;

// A call, what it looks at and the result that is asked for.
struct Seen {
  const Call& call;
  Value& source;
  size_t output;
  const TensorMeta& meta;  // of the result
  const Assignments& assignments;

  int64_t rank() const { return static_cast<int64_t>(source.meta.sizes.size()); }

  Sharing view(View::Form form) const {
    return {Sharing::Kind::kView, &source, {{std::move(form), meta}}, {}};
  }
  Sharing unclear() const { return {Sharing::Kind::kUnclear, &source, {}, {}}; }
  Sharing own() const { return {}; }
  // A view if the answer is yes, memory of its own if it is no.
  Sharing if_so(Answer answer, View::Form form) const {
    return answer == Answer::kYes ? view(std::move(form)) : answer == Answer::kNo ? own() : unclear();
  }

  // From the front; nullopt when it is no axis or not known.
  std::optional<int64_t> axis(std::string_view name, std::optional<int64_t> missing = {},
                              int64_t ranks = 0) const {
    return wrapped(int_argument(call, name, missing), ranks);
  }
  std::optional<int64_t> wrapped(std::optional<int64_t> axis, int64_t ranks = 0) const {
    const int64_t of = rank() + ranks;
    if (!axis || *axis < -of || *axis >= of) return std::nullopt;
    return *axis < 0 ? *axis + of : *axis;
  }
  // nullopt when it is not known or no tensor can be so large.
  std::optional<int64_t> number(std::string_view name, std::optional<int64_t> missing = {}) const {
    const auto given = int_argument(call, name, missing);
    return given && std::abs(*given) <= kLargest ? given : std::nullopt;
  }
  std::optional<std::vector<int64_t>> numbers(std::string_view name) const {
    const auto given = ints_argument(call, name);
    const bool fit = given && std::ranges::all_of(*given, [](int64_t n) { return std::abs(n) <= kLargest; });
    return fit ? given : std::nullopt;
  }
  std::optional<std::vector<int64_t>> axes(std::string_view name) const {
    auto result = ints_argument(call, name);
    if (!result) return std::nullopt;
    for (int64_t& axis : *result) {
      const auto from_front = wrapped(axis);
      if (!from_front) return std::nullopt;
      axis = *from_front;
    }
    return result;
  }
  Argument argument(std::string_view name, Argument missing) const {
    const Argument* given = call.find(name);
    return given ? *given : missing;
  }
};

Sharing same(const Seen& seen) {
  return seen.view(SameView{});
}

Sharing reshape(const Seen& seen) {
  return seen.view(ReshapeView{});
}

// A view where the strides allow it, else a copy.
Sharing reshape_or_copy(const Seen& seen) {
  return seen.if_so(seen.assignments.ask({&seen.source.meta, &seen.meta},
                                         [](std::span<const Layout> layouts) {
                                           return can_be_viewed_as(layouts[0], layouts[1].sizes);
                                         }),
                    ReshapeView{});
}

Sharing permute(const Seen& seen, std::vector<int64_t> axes) {
  return seen.view(PermuteView{std::move(axes)});
}

std::vector<int64_t> in_order(int64_t rank) {
  std::vector<int64_t> axes(static_cast<size_t>(rank));
  for (int64_t axis = 0; axis < rank; ++axis) axes[static_cast<size_t>(axis)] = axis;
  return axes;
}

Sharing swap(const Seen& seen, std::optional<int64_t> a, std::optional<int64_t> b) {
  if (seen.rank() == 0) return same(seen);
  if (!a || !b) return seen.unclear();
  std::vector<int64_t> axes = in_order(seen.rank());
  std::swap(axes[static_cast<size_t>(*a)], axes[static_cast<size_t>(*b)]);
  return permute(seen, std::move(axes));
}

Sharing transpose(const Seen& seen) {
  return swap(seen, seen.axis("dim0"), seen.axis("dim1"));
}

Sharing swap_axes(const Seen& seen) {
  return swap(seen, seen.axis("axis0"), seen.axis("axis1"));
}

Sharing swap_last_two(const Seen& seen) {
  return seen.rank() < 2 ? same(seen) : swap(seen, seen.rank() - 2, seen.rank() - 1);
}

// mH and the like: with the complex conjugate, which leaves reals as they are.
Sharing adjoint(const Seen& seen) {
  if (seen.meta.type != DataType::kComplex64 && seen.meta.type != DataType::kComplex128)
    return swap_last_two(seen);
  return seen.unclear();
}

Sharing reverse_axes(const Seen& seen) {
  std::vector<int64_t> axes = in_order(seen.rank());
  std::ranges::reverse(axes);
  return permute(seen, std::move(axes));
}

Sharing permute_as_given(const Seen& seen) {
  auto axes = seen.axes("dims");
  if (!axes || axes->size() != static_cast<size_t>(seen.rank())) return seen.unclear();
  std::vector<int64_t> sorted = *axes;
  std::ranges::sort(sorted);
  if (sorted != in_order(seen.rank())) return seen.unclear();
  return permute(seen, std::move(*axes));
}

Sharing move_axes(const Seen& seen) {
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

Sharing unsqueeze(const Seen& seen) {
  const auto axis = seen.axis("dim", {}, 1);
  return axis ? seen.view(UnsqueezeView{*axis}) : seen.unclear();
}

Sharing squeeze(const Seen& seen) {
  const auto axes = seen.axes("dim");
  const auto removed = seen.rank() - static_cast<int64_t>(seen.meta.sizes.size());
  if (removed == 0) return same(seen);
  if (axes && axes->size() == 1) return seen.view(SqueezeView{axes->front()});
  return reshape(seen);
}

Sharing expand(const Seen& seen) {
  return seen.source.meta.sizes == seen.meta.sizes ? same(seen) : seen.view(ExpandView{});
}

Sharing slice(const Seen& seen) {
  const auto axis = seen.axis("dim", 0);
  if (!axis) return seen.unclear();
  return seen.view(SliceView{*axis, seen.argument("start", of(int64_t{0})), seen.argument("end", of(kEnd)),
                             seen.argument("step", of(int64_t{1}))});
}

Sharing slice_between(const Seen& seen, std::optional<int64_t> axis, std::optional<int64_t> start,
                      std::optional<int64_t> end) {
  if (!axis || *axis >= seen.rank() || !start || !end) return seen.unclear();
  return seen.view(SliceView{*axis, of(*start), of(*end), of(int64_t{1})});
}

Sharing narrow(const Seen& seen) {
  const auto axis = seen.axis("dim");
  const auto start = seen.number("start"), length = seen.number("length");
  if (!axis || !start || !length) return seen.unclear();
  // start + length is the end; from the back, 0 would be the front.
  const int64_t end = *start + *length;
  return slice_between(seen, axis, start, *start < 0 && end == 0 ? kEnd : end);
}

Sharing select(const Seen& seen) {
  const auto axis = seen.axis("dim");
  const Argument* index = seen.call.find("index");
  return axis && index ? seen.view(SelectView{*axis, *index}) : seen.unclear();
}

Sharing unbind(const Seen& seen) {
  const auto axis = seen.axis("dim", 0);
  return axis ? seen.view(SelectView{*axis, of(static_cast<int64_t>(seen.output))}) : seen.unclear();
}

std::optional<int64_t> size_of(const Seen& seen, std::optional<int64_t> axis) {
  if (!axis || *axis >= seen.rank()) return std::nullopt;
  const Dim& size = seen.source.meta.sizes[static_cast<size_t>(*axis)];
  return size.is_known() ? std::optional(size.value()) : std::nullopt;
}

// Part `output` of parts of `size`.
Sharing equal_part(const Seen& seen, std::optional<int64_t> axis, std::optional<int64_t> size) {
  if (!size || *size > kLargest / 2 / static_cast<int64_t>(seen.output + 1)) return seen.unclear();
  const int64_t start = *size * static_cast<int64_t>(seen.output);
  return slice_between(seen, axis, start, start + *size);
}

// Between borders, as tensor_split takes them.
Sharing part_between(const Seen& seen, std::optional<int64_t> axis,
                     const std::optional<std::vector<int64_t>>& borders) {
  if (!borders || seen.output > borders->size()) return seen.unclear();
  const size_t part = seen.output;
  return slice_between(seen, axis, part == 0 ? 0 : (*borders)[part - 1],
                       part == borders->size() ? kEnd : (*borders)[part]);
}

// Parts whose sizes differ by one at most, the larger ones first.
Sharing part_of_sections(const Seen& seen, std::optional<int64_t> axis, std::optional<int64_t> sections) {
  const auto size = size_of(seen, axis);
  if (!size || !sections || *sections < 1) return seen.unclear();
  const auto part = static_cast<int64_t>(seen.output);
  const int64_t each = *size / *sections, larger = *size % *sections;
  const auto border = [&](int64_t parts) { return parts * each + std::min(parts, larger); };
  return slice_between(seen, axis, border(part), border(part + 1));
}

// split, unsafe_split, split_with_sizes: by one size or by the size of each.
Sharing split(const Seen& seen) {
  const auto axis = seen.axis("dim", 0);
  for (const std::string_view name : {"split_sizes", "split_size"}) {
    const auto sizes = seen.numbers(name);
    if (!sizes) continue;
    if (seen.call.find(name)->as<Int>()) return equal_part(seen, axis, sizes->front());
    std::vector<int64_t> borders;
    for (int64_t border = 0; const int64_t size : *sizes)
      borders.push_back(border = std::min(border + size, kLargest));
    return part_between(seen, axis, borders);
  }
  return seen.unclear();
}

Sharing chunk(const Seen& seen) {
  const auto axis = seen.axis("dim", 0);
  const auto size = size_of(seen, axis), chunks = seen.number("chunks");
  if (!size || !chunks || *chunks < 1) return seen.unclear();
  return equal_part(seen, axis, (*size + *chunks - 1) / *chunks);
}

Sharing tensor_split_along(const Seen& seen, std::optional<int64_t> axis) {
  const Argument* sections = seen.call.find("sections");
  if (sections) return part_of_sections(seen, axis, seen.number("sections"));
  return part_between(seen, axis, seen.numbers("indices"));
}

Sharing tensor_split(const Seen& seen) {
  return tensor_split_along(seen, seen.axis("dim", 0));
}
Sharing horizontal_split(const Seen& seen) {
  return tensor_split_along(seen, seen.rank() == 1 ? 0 : 1);
}
Sharing vertical_split(const Seen& seen) {
  return tensor_split_along(seen, 0);
}
Sharing depth_split(const Seen& seen) {
  return tensor_split_along(seen, 2);
}

Sharing diagonal_between(const Seen& seen, std::optional<int64_t> axis1, std::optional<int64_t> axis2) {
  const auto offset = seen.number("offset", 0);
  if (!offset || !axis1 || !axis2 || *axis1 == *axis2) return seen.unclear();
  return seen.view(DiagonalView{*offset, *axis1, *axis2});
}

Sharing diagonal(const Seen& seen) {
  return diagonal_between(seen, seen.axis("dim1", 0), seen.axis("dim2", 1));
}
Sharing last_diagonal(const Seen& seen) {
  return diagonal_between(seen, seen.axis("dim1", -2), seen.axis("dim2", -1));
}

// Windows along an axis, one more axis behind the others.
Sharing unfold(const Seen& seen) {
  const auto axis = seen.axis("dimension", {}, seen.rank() == 0 ? 1 : 0);
  const auto step = seen.number("step");
  TensorMeta source = seen.source.meta;
  source.strides.assign(source.sizes.size(), 1);
  const auto sizes = numeric_layout(source);
  if (!axis || !step || *step < 1 || !sizes || !all_known(seen.meta.sizes)) return seen.unclear();
  Layout places{known_dims(seen.meta.sizes), row_major_strides(sizes->sizes), 0};
  if (seen.rank() == 0) {
    places.strides = {1};
  } else {
    int64_t& stride = places.strides[static_cast<size_t>(*axis)];
    places.strides.push_back(stride);
    places.strides[static_cast<size_t>(*axis)] *= *step;
  }
  if (places.sizes.size() != places.strides.size() || !is_computable(places)) return seen.unclear();
  return seen.view(PlacesView{std::move(places)});
}

// By sizes and strides over the storage, whatever the source shows of it.
Sharing as_strided(const Seen& seen) {
  const auto sizes = ints_argument(seen.call, "size"), strides = ints_argument(seen.call, "stride");
  const Dim& own = seen.source.meta.offset;
  const auto offset =
      int_argument(seen.call, "storage_offset", own.is_known() ? std::optional(own.value()) : std::nullopt);
  if (!sizes || !strides || sizes->size() != strides->size() || !offset) return seen.unclear();
  Layout places{*sizes, *strides, *offset};
  if (!is_computable(places)) return seen.unclear();
  return {Sharing::Kind::kInMemory, &seen.source, {{SameView{}, seen.meta}}, std::move(places)};
}

Sharing bits(const Seen& seen) {
  return seen.meta.type == seen.source.meta.type ? same(seen) : seen.view(BitsView{});
}

Sharing view(const Seen& seen) {
  return overload_of(seen.call) == "dtype" ? bits(seen) : reshape(seen);
}

bool is_complex(DataType type) {
  return type == DataType::kComplex64 || type == DataType::kComplex128;
}

Sharing part_of_complex(const Seen& seen, int64_t part) {
  TensorMeta pairs = seen.meta;
  pairs.sizes.push_back(2);
  return {Sharing::Kind::kView,
          &seen.source,
          {{PairsView{}, pairs}, {SelectView{seen.rank(), of(part)}, seen.meta}},
          {}};
}

Sharing real(const Seen& seen) {
  return is_complex(seen.source.meta.type) ? part_of_complex(seen, 0) : same(seen);
}
Sharing imaginary(const Seen& seen) {
  return part_of_complex(seen, 1);
}
Sharing pairs(const Seen& seen) {
  return seen.view(PairsView{});
}
Sharing from_pairs(const Seen& seen) {
  return seen.view(ComplexView{});
}
Sharing conjugate(const Seen& seen) {
  return is_complex(seen.source.meta.type) ? seen.view(MirrorView{"aten._conj.default"}) : same(seen);
}
Sharing negative(const Seen& seen) {
  return seen.view(MirrorView{"aten._neg_view.default"});
}

// conj_physical and the like: complex tensors are computed, others returned as they are.
Sharing same_if_real(const Seen& seen) {
  return is_complex(seen.source.meta.type) ? seen.unclear() : same(seen);
}

Answer is_laid_out(const Seen& seen, std::string_view argument, std::string_view missing) {
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

Sharing contiguous(const Seen& seen) {
  return seen.if_so(is_laid_out(seen, "memory_format", "contiguous_format"), SameView{});
}

Sharing ravel(const Seen& seen) {
  return seen.if_so(is_laid_out(seen, "", "contiguous_format"), ReshapeView{});
}

// to, type_as: a copy only if something changes.
Sharing converted(const Seen& seen) {
  if (seen.meta.type != seen.source.meta.type) return seen.own();
  const auto copy = bool_argument(seen.call, "copy", false);
  if (!copy) return seen.unclear();
  return *copy ? seen.own() : seen.if_so(is_laid_out(seen, "memory_format", "preserve_format"), SameView{});
}

// What dropout gives back when it drops nothing is what it was given.
Sharing dropout(const Seen& seen) {
  const auto train = bool_argument(seen.call, "train");
  if (train == false || number_argument(seen.call, "p") == 0.0) return same(seen);
  return train == true ? seen.own() : seen.unclear();
}

// A sum over nothing may be what it was given; so may an einsum and a product of one operand.
Sharing unclear(const Seen& seen) {
  return seen.unclear();
}
Sharing unclear_if_alone(const Seen& seen) {
  for (const NamedArgument& given : seen.call.arguments)
    if (const auto* tensors = given.argument.as<Tensors>(); tensors && tensors->size() > 1) return seen.own();
  return seen.unclear();
}

using Form = Sharing (*)(const Seen&);

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
      {"chunk", chunk},
      {"conj", conjugate},
      {"conj_physical", same_if_real},
      {"contiguous", contiguous},
      {"detach", same},
      {"diagonal", diagonal},
      {"dropout", dropout},
      {"dsplit", depth_split},
      {"einsum", unclear_if_alone},
      {"expand", expand},
      {"expand_as", expand},
      {"feature_alpha_dropout", dropout},
      {"feature_dropout", dropout},
      {"flatten", reshape_or_copy},
      {"hsplit", horizontal_split},
      {"imag", imaginary},
      {"lift", same},
      {"lift_fresh", same},
      {"linalg_diagonal", last_diagonal},
      {"mH", adjoint},
      {"mT", swap_last_two},
      {"matrix_H", adjoint},
      {"meshgrid", unclear},
      {"moveaxis", move_axes},
      {"movedim", move_axes},
      {"narrow", narrow},
      {"numpy_T", reverse_axes},
      {"permute", permute_as_given},
      {"positive", same},
      {"ravel", ravel},
      {"real", real},
      {"reshape", reshape_or_copy},
      {"reshape_as", reshape_or_copy},
      {"resolve_conj", same_if_real},
      {"resolve_neg", same_if_real},
      {"select", select},
      {"slice", slice},
      {"split", split},
      {"split_with_sizes", split},
      {"squeeze", squeeze},
      {"sum_to_size", unclear},
      {"swapaxes", swap_axes},
      {"swapdims", transpose},
      {"t", swap_last_two},
      {"tensor_split", tensor_split},
      {"to", converted},
      {"transpose", transpose},
      {"type_as", converted},
      {"unbind", unbind},
      {"unflatten", reshape},
      {"unfold", unfold},
      {"unsafe_chunk", chunk},
      {"unsafe_split", split},
      {"unsafe_split_with_sizes", split},
      {"unsqueeze", unsqueeze},
      {"view", view},
      {"view_as", reshape},
      {"view_as_complex", from_pairs},
      {"view_as_real", pairs},
      {"vsplit", vertical_split},
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
  const Seen seen{call, *source, index, result->meta, assignments};
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
