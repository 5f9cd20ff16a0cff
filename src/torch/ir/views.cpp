#include "torch/ir/views.hpp"

#include <algorithm>
#include <numeric>

#include "base/error.hpp"

namespace slipway::torch::ir {
namespace {

std::vector<int64_t> inverse(const std::vector<int64_t>& axes) {
  std::vector<int64_t> result(axes.size());
  for (size_t i = 0; i < axes.size(); ++i) result[static_cast<size_t>(axes[i])] = static_cast<int64_t>(i);
  return result;
}

Dim product(const Shape& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), Dim(1), std::multiplies<>());
}

// aten.view to these sizes; nothing where they are those already.
Value* reshaped(Value* value, const Shape& sizes, Emitter& emitter, Value* into = nullptr) {
  if (!into && value->meta.sizes == sizes) return value;
  return emitter.make("aten.view.default", {{"self", of(value)}, {"size", {emitter.view_sizes(sizes)}}},
                      value->meta.type, sizes, into);
}

// The places as a tensor of indices into the flattened source: a sum of ranges, one for each axis.
Value* indices_of(const Layout& places, Emitter& emitter) {
  const size_t rank = places.sizes.size();
  const DataType type = DataType::kInt64;
  Value* sum = nullptr;
  for (size_t axis = 0; axis < rank; ++axis) {
    const int64_t size = places.sizes[axis], stride = places.strides[axis];
    if (stride == 0 || (size <= 1 && sum)) continue;
    const int64_t start = sum ? 0 : places.offset;
    Value* range = emitter.make(
        "aten.arange.start_step",
        {{"start", of(start)}, {"end", of(start + size * stride)}, {"step", of(stride)}, {"dtype", {type}}},
        type, {size});
    Shape sizes(rank, Dim(1));
    sizes[axis] = size;
    range = reshaped(range, sizes, emitter);
    if (!sum) {
      sum = range;
      continue;
    }
    Shape both = sum->meta.sizes;
    both[axis] = size;
    sum = emitter.make("aten.add.Tensor", {{"self", of(sum)}, {"other", of(range)}}, type, both);
  }
  const Shape sizes(places.sizes.begin(), places.sizes.end());
  if (!sum)
    return emitter.make(
        "aten.full.default",
        {{"size", {emitter.sizes(sizes)}}, {"fill_value", of(places.offset)}, {"dtype", {type}}}, type,
        sizes);
  if (sum->meta.sizes == sizes) return sum;
  return emitter.make("aten.expand.default", {{"self", of(sum)}, {"size", {emitter.sizes(sizes)}}}, type,
                      sizes);
}

struct Looker {
  const View& view;
  Value* source;
  Emitter& emitter;
  Value* into;

  Value* make(std::string target, std::vector<NamedArgument> arguments) const {
    arguments.insert(arguments.begin(), {"self", of(source)});
    return emitter.make(std::move(target), std::move(arguments), view.meta.type, view.meta.sizes, into);
  }

  Value* operator()(const SameView&) const { return source; }
  Value* operator()(const ReshapeView&) const { return reshaped(source, view.meta.sizes, emitter, into); }
  Value* operator()(const UnsqueezeView& form) const {
    return make("aten.unsqueeze.default", {{"dim", of(form.axis)}});
  }
  Value* operator()(const SqueezeView& form) const {
    return make("aten.squeeze.dims", {{"dim", of(std::vector{form.axis})}});
  }
  Value* operator()(const PermuteView& form) const {
    return make("aten.permute.default", {{"dims", of(form.axes)}});
  }
  Value* operator()(const ExpandView&) const {
    return make("aten.expand.default", {{"size", {emitter.sizes(view.meta.sizes)}}});
  }
  Value* operator()(const SliceView& form) const {
    return make("aten.slice.Tensor",
                {{"dim", of(form.axis)}, {"start", form.start}, {"end", form.end}, {"step", form.step}});
  }
  Value* operator()(const SelectView& form) const {
    return make("aten.select.int", {{"dim", of(form.axis)}, {"index", form.index}});
  }
  Value* operator()(const DiagonalView& form) const {
    return make("aten.diagonal.default",
                {{"offset", of(form.offset)}, {"dim1", of(form.axis1)}, {"dim2", of(form.axis2)}});
  }
  Value* operator()(const PlacesView& form) const {
    Value* flat = reshaped(source, {product(source->meta.sizes)}, emitter);
    return emitter.make("aten.index.Tensor",
                        {{"self", of(flat)}, {"indices", {Tensors{indices_of(form.places, emitter)}}}},
                        view.meta.type, view.meta.sizes, into);
  }
  Value* operator()(const BitsView&) const { return make("aten.view.dtype", {{"dtype", {view.meta.type}}}); }
  Value* operator()(const PairsView&) const { return make("aten.view_as_real.default", {}); }
  Value* operator()(const ComplexView&) const { return make("aten.view_as_complex.default", {}); }
  Value* operator()(const MirrorView& form) const { return make(form.target, {}); }
};

struct PutBack {
  const View& view;
  const TensorMeta& meta;
  const std::function<Value*()>& source;
  Value* seen;
  Emitter& emitter;

  Value* make(std::string target, std::vector<NamedArgument> arguments) const {
    return emitter.make(std::move(target), std::move(arguments), meta.type, meta.sizes);
  }
  Value* scatter(std::string target, std::vector<NamedArgument> arguments) const {
    arguments.insert(arguments.begin(), {{"self", of(source())}, {"src", of(seen)}});
    return make(std::move(target), std::move(arguments));
  }

  Value* operator()(const SameView&) const { return seen; }
  Value* operator()(const ReshapeView&) const { return reshaped(seen, meta.sizes, emitter); }
  Value* operator()(const UnsqueezeView& form) const {
    return make("aten.squeeze.dims", {{"self", of(seen)}, {"dim", of(std::vector{form.axis})}});
  }
  Value* operator()(const SqueezeView& form) const {
    return make("aten.unsqueeze.default", {{"self", of(seen)}, {"dim", of(form.axis)}});
  }
  Value* operator()(const PermuteView& form) const {
    return make("aten.permute.default", {{"self", of(seen)}, {"dims", of(inverse(form.axes))}});
  }
  Value* operator()(const ExpandView&) const {
    const Shape& sizes = view.meta.sizes;
    const size_t added = sizes.size() - meta.sizes.size();
    for (size_t axis = 0; axis < sizes.size(); ++axis)
      if (sizes[axis] != (axis < added ? Dim(1) : meta.sizes[axis - added]))
        fail(ErrorCode::kUnsupported,
             "writes to a tensor of size {} that repeats one of size {}: several of its elements are one",
             to_string(sizes), to_string(meta.sizes));
    return reshaped(seen, meta.sizes, emitter);
  }
  Value* operator()(const SliceView& form) const {
    const auto* step = form.step.as<Int>();
    const auto axis = static_cast<size_t>(form.axis);
    if (step && step->is_constant() && step->constant == 1 && view.meta.sizes[axis] == meta.sizes[axis])
      return seen;
    return scatter("aten.slice_scatter.default",
                   {{"dim", of(form.axis)}, {"start", form.start}, {"end", form.end}, {"step", form.step}});
  }
  Value* operator()(const SelectView& form) const {
    return scatter("aten.select_scatter.default", {{"dim", of(form.axis)}, {"index", form.index}});
  }
  Value* operator()(const DiagonalView& form) const {
    return scatter("aten.diagonal_scatter.default",
                   {{"offset", of(form.offset)}, {"dim1", of(form.axis1)}, {"dim2", of(form.axis2)}});
  }
  Value* operator()(const PlacesView& form) const {
    if (overlaps_itself(form.places) != false)
      fail(ErrorCode::kUnsupported,
           "writes to a tensor of sizes {} and strides {}: several of its elements are one",
           to_string(form.places.sizes), to_string(form.places.strides));
    const Dim count = product(meta.sizes);
    Value* flat = reshaped(source(), {count}, emitter);
    flat = emitter.make(
        "aten.index_put.default",
        {{"self", of(flat)}, {"indices", {Tensors{indices_of(form.places, emitter)}}}, {"values", of(seen)}},
        meta.type, {count});
    return reshaped(flat, meta.sizes, emitter);
  }
  Value* operator()(const BitsView&) const {
    return make("aten.view.dtype", {{"self", of(seen)}, {"dtype", {meta.type}}});
  }
  Value* operator()(const PairsView&) const {
    return make("aten.view_as_complex.default", {{"self", of(seen)}});
  }
  Value* operator()(const ComplexView&) const {
    return make("aten.view_as_real.default", {{"self", of(seen)}});
  }
  Value* operator()(const MirrorView& form) const { return make(form.target, {{"self", of(seen)}}); }
};

}  // namespace

Value* look(const View& view, Value* source, Emitter& emitter, Value* into) {
  return std::visit(Looker{view, source, emitter, into}, view.form);
}

Value* put_back(const View& view, const TensorMeta& meta, const std::function<Value*()>& source, Value* seen,
                Emitter& emitter) {
  return std::visit(PutBack{view, meta, source, seen, emitter}, view.form);
}

// The memory of a tensor whose elements fill it without gaps is that tensor, its axes in the order of their
// strides, flattened.
std::vector<View> views_of_places(const TensorMeta& meta, const Layout& layout, const Layout& places,
                                  const TensorMeta& result) {
  if (!is_computable(layout) || !is_computable(places)) return {};
  std::vector<int64_t> order(layout.sizes.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](int64_t axis) { return layout.strides[static_cast<size_t>(axis)]; });
  Layout sorted;
  TensorMeta sorted_meta{meta.type, {}, {}, 0};
  for (const int64_t axis : order) {
    sorted.sizes.push_back(layout.sizes[static_cast<size_t>(axis)]);
    sorted.strides.push_back(layout.strides[static_cast<size_t>(axis)]);
    sorted_meta.sizes.push_back(meta.sizes[static_cast<size_t>(axis)]);
  }
  int64_t last = places.offset;
  for (size_t axis = 0; axis < places.sizes.size(); ++axis) {
    if (places.sizes[axis] == 0) return {};
    last += (places.sizes[axis] - 1) * places.strides[axis];
  }
  const int64_t held =
      std::accumulate(sorted.sizes.begin(), sorted.sizes.end(), int64_t{1}, std::multiplies<>());
  if (!is_row_major(sorted) || places.offset < layout.offset || last >= layout.offset + held) return {};

  std::vector<View> views;
  if (!std::ranges::is_sorted(order)) views.push_back({PermuteView{order}, sorted_meta});
  Layout inside = places;
  inside.offset -= layout.offset;
  if (!is_row_major(inside)) {
    views.push_back({PlacesView{inside}, result});
    return views;
  }
  // One behind the other: a slice of the memory.
  const int64_t taken = last - places.offset + 1;
  views.push_back({ReshapeView{}, {meta.type, {held}, {}, 0}});
  views.push_back({SliceView{0, of(inside.offset), of(inside.offset + taken), of(int64_t{1})},
                   {meta.type, {taken}, {}, 0}});
  views.push_back({ReshapeView{}, result});
  return views;
}

}  // namespace slipway::torch::ir
