#include "torch/ir/tied_tensors.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace slipway::torch::ir {
namespace {

struct Extent {
  const ProgramInput* input = nullptr;
  const std::byte* begin = nullptr;
  const std::byte* end = nullptr;
};

Extent extent_of(const ProgramInput& input) {
  const Tensor& tensor = input.tensor;
  const auto* begin = static_cast<const std::byte*>(tensor.raw());
  int64_t last = 0;
  for (size_t axis = 0; axis < tensor.rank(); ++axis) last += (tensor.dim(axis) - 1) * tensor.strides()[axis];
  return {&input, begin, begin + bytes_for(tensor.type(), last + 1)};
}

Sharing sharing_of(const Extent& whole, const Extent& part) {
  const Tensor &a = whole.input->tensor, &b = part.input->tensor;
  Value* source = whole.input->value;
  const TensorMeta& meta = part.input->value->meta;
  if (a.type() != b.type()) return {Sharing::Kind::kUnclear, source, {}, {}};
  if (whole.begin == part.begin && a.dims() == b.dims() && a.strides() == b.strides())
    return {Sharing::Kind::kView, source, {{SameView{}, meta}}, {}};
  const int64_t bytes = bits_of(a.type()) / 8;
  const int64_t distance = part.begin - whole.begin;
  if (bytes == 0 || distance < 0 || distance % bytes != 0) return {Sharing::Kind::kUnclear, source, {}, {}};
  const std::vector<View> views = views_of_places(source->meta, {a.dims(), a.strides(), 0},
                                                  {b.dims(), b.strides(), distance / bytes}, meta);
  return {views.empty() ? Sharing::Kind::kUnclear : Sharing::Kind::kView, source, views, {}};
}

}  // namespace

void tie_tensors(const Program& program, Aliases& aliases) {
  std::vector<Extent> extents;
  for (const ProgramInput& input : program.inputs)
    if (input.value && input.tensor.defined() && !input.tensor.empty() && input.tensor.raw())
      extents.push_back(extent_of(input));
  // The one that begins first and reaches furthest comes before those that may lie in it.
  std::ranges::stable_sort(extents, [](const Extent& a, const Extent& b) {
    return a.begin != b.begin ? std::less<>()(a.begin, b.begin) : std::less<>()(b.end, a.end);
  });
  const Extent* whole = nullptr;
  for (const Extent& extent : extents) {
    Value* value = extent.input->value;
    if (!whole || !std::less<>()(extent.begin, whole->end)) {
      whole = &extent;
      aliases.of(value);
      continue;
    }
    const Sharing sharing = sharing_of(*whole, extent);
    if (sharing.kind == Sharing::Kind::kView) {
      // What it holds at the start is the input itself, without a look at the other.
      aliases.add_view(value, sharing, {})->content = value;
    } else {
      aliases.link(aliases.of(value)->storage, aliases.of(whole->input->value)->storage);
      // Not to miss what overlaps with the one that reaches further.
      if (std::less<>()(whole->end, extent.end)) whole = &extent;
    }
  }
}

}  // namespace slipway::torch::ir
