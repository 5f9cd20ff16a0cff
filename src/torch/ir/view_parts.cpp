#include "torch/ir/view_parts.hpp"

namespace slipway::torch::ir::view_parts {
namespace {

Sharing slice_between(const ViewCall& seen, std::optional<int64_t> axis, std::optional<int64_t> start,
                      std::optional<int64_t> end) {
  if (!axis || *axis >= seen.rank() || !start || !end) return seen.unclear();
  return seen.view(SliceView{*axis, of(*start), of(*end), of(int64_t{1})});
}

std::optional<int64_t> size_of(const ViewCall& seen, std::optional<int64_t> axis) {
  if (!axis || *axis >= seen.rank()) return std::nullopt;
  const Dim& size = seen.source.meta.sizes[static_cast<size_t>(*axis)];
  return size.is_known() && is_small(size.value()) ? std::optional(size.value()) : std::nullopt;
}

// Part `output` of parts of `size`.
Sharing equal_part(const ViewCall& seen, std::optional<int64_t> axis, std::optional<int64_t> size) {
  if (!size || *size < 0 || *size > kLargest / 2 / static_cast<int64_t>(seen.output + 1))
    return seen.unclear();
  const int64_t start = *size * static_cast<int64_t>(seen.output);
  return slice_between(seen, axis, start, start + *size);
}

// Between borders, as tensor_split takes them.
Sharing part_between(const ViewCall& seen, std::optional<int64_t> axis,
                     const std::optional<std::vector<int64_t>>& borders) {
  if (!borders || seen.output > borders->size()) return seen.unclear();
  const size_t part = seen.output;
  return slice_between(seen, axis, part == 0 ? 0 : (*borders)[part - 1],
                       part == borders->size() ? kEnd : (*borders)[part]);
}

// Parts whose sizes differ by one at most, the larger ones first.
Sharing part_of_sections(const ViewCall& seen, std::optional<int64_t> axis, std::optional<int64_t> sections) {
  const auto size = size_of(seen, axis);
  if (!size || !sections || *sections < 1) return seen.unclear();
  const auto part = static_cast<int64_t>(seen.output);
  if (part >= *sections) return seen.unclear();
  const int64_t each = *size / *sections, larger = *size % *sections;
  const auto border = [&](int64_t parts) { return parts * each + std::min(parts, larger); };
  return slice_between(seen, axis, border(part), border(part + 1));
}

Sharing tensor_split_along(const ViewCall& seen, std::optional<int64_t> axis) {
  const Argument* sections = seen.call.find("sections");
  if (sections) return part_of_sections(seen, axis, seen.number("sections"));
  return part_between(seen, axis, seen.numbers("indices"));
}

Sharing diagonal_between(const ViewCall& seen, std::optional<int64_t> axis1, std::optional<int64_t> axis2) {
  const auto offset = seen.number("offset", 0);
  if (!offset || !axis1 || !axis2 || *axis1 == *axis2) return seen.unclear();
  return seen.view(DiagonalView{*offset, *axis1, *axis2});
}

}  // namespace

Sharing slice(const ViewCall& seen) {
  const auto axis = seen.axis("dim", 0);
  if (!axis) return seen.unclear();
  return seen.view(SliceView{*axis, seen.argument("start", of(int64_t{0})), seen.argument("end", of(kEnd)),
                             seen.argument("step", of(int64_t{1}))});
}

Sharing narrow(const ViewCall& seen) {
  const auto axis = seen.axis("dim");
  const auto start = seen.number("start"), length = seen.number("length");
  if (!axis || !start || !length) return seen.unclear();
  // start + length is the end; from the back, 0 would be the front.
  const int64_t end = *start + *length;
  return slice_between(seen, axis, start, *start < 0 && end == 0 ? kEnd : end);
}

Sharing select(const ViewCall& seen) {
  const auto axis = seen.axis("dim");
  const Argument* index = seen.call.find("index");
  return axis && index ? seen.view(SelectView{*axis, *index}) : seen.unclear();
}

Sharing unbind(const ViewCall& seen) {
  const auto axis = seen.axis("dim", 0);
  return axis ? seen.view(SelectView{*axis, of(static_cast<int64_t>(seen.output))}) : seen.unclear();
}

// split, unsafe_split, split_with_sizes: by one size or by the size of each.
Sharing split(const ViewCall& seen) {
  const auto axis = seen.axis("dim", 0);
  for (const std::string_view name : {"split_sizes", "split_size"}) {
    const auto sizes = seen.numbers(name);
    if (!sizes) continue;
    if (seen.call.find(name)->as<Int>()) return equal_part(seen, axis, sizes->front());
    std::vector<int64_t> borders;
    for (int64_t border = 0; const int64_t size : *sizes)
      borders.push_back(border = std::clamp(border + size, -kLargest, kLargest));
    return part_between(seen, axis, borders);
  }
  return seen.unclear();
}

Sharing chunk(const ViewCall& seen) {
  const auto axis = seen.axis("dim", 0);
  const auto size = size_of(seen, axis), chunks = seen.number("chunks");
  if (!size || !chunks || *chunks < 1) return seen.unclear();
  return equal_part(seen, axis, (*size + *chunks - 1) / *chunks);
}

Sharing tensor_split(const ViewCall& seen) {
  return tensor_split_along(seen, seen.axis("dim", 0));
}

Sharing horizontal_split(const ViewCall& seen) {
  return tensor_split_along(seen, seen.rank() == 1 ? 0 : 1);
}

Sharing vertical_split(const ViewCall& seen) {
  return tensor_split_along(seen, 0);
}

Sharing depth_split(const ViewCall& seen) {
  return tensor_split_along(seen, 2);
}

Sharing diagonal(const ViewCall& seen) {
  return diagonal_between(seen, seen.axis("dim1", 0), seen.axis("dim2", 1));
}

Sharing last_diagonal(const ViewCall& seen) {
  return diagonal_between(seen, seen.axis("dim1", -2), seen.axis("dim2", -1));
}

// Windows along an axis, one more axis behind the others.
Sharing unfold(const ViewCall& seen) {
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
    const int64_t inside = stride;
    if (__builtin_mul_overflow(stride, *step, &stride)) return seen.unclear();
    places.strides.push_back(inside);
  }
  if (places.sizes.size() != places.strides.size() || !is_computable(places)) return seen.unclear();
  return seen.view(PlacesView{std::move(places)});
}

}  // namespace slipway::torch::ir::view_parts
