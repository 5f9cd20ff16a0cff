// The ways in which one tensor can be a view of another, spelled as few forms as there are; which of them a
// call of PyTorch's is; and how the forms are made again, and undone, by calls that share no memory.
#pragma once

#include <functional>
#include <span>
#include <variant>
#include <vector>

#include "torch/ir/emitter.hpp"
#include "torch/ir/layout.hpp"

namespace slipway::torch::ir {

// The same elements in the same order.
struct SameView {};
struct ReshapeView {};
struct UnsqueezeView {
  int64_t axis;
};
struct SqueezeView {
  int64_t axis;
};
struct PermuteView {
  std::vector<int64_t> axes;
};
struct ExpandView {};
struct SliceView {
  int64_t axis;
  Argument start, end, step;
};
struct SelectView {
  int64_t axis;
  Argument index;
};
struct DiagonalView {
  int64_t offset, axis1, axis2;
};
// The elements of the flattened tensor at these places.
struct PlacesView {
  Layout places;
};
// The same bits as another type.
struct BitsView {};
// A complex tensor as pairs of reals, and back.
struct PairsView {};
struct ComplexView {};
// aten._conj, aten._neg_view: their own inverses.
struct MirrorView {
  std::string target;
};

struct View {
  using Form =
      std::variant<SameView, ReshapeView, UnsqueezeView, SqueezeView, PermuteView, ExpandView, SliceView,
                   SelectView, DiagonalView, PlacesView, BitsView, PairsView, ComplexView, MirrorView>;
  Form form;
  TensorMeta meta;  // of what is seen
};

// What memory a result has.
struct Sharing {
  enum class Kind : uint8_t {
    kOwn,
    kView,      // of `source` by `views`, one after the other
    kInMemory,  // of the storage that `source` lies in, by `places` (aten.as_strided)
    kUnclear,   // perhaps that of `source`, or by no form that is known here
  };
  Kind kind = Kind::kOwn;
  Value* source = nullptr;
  std::vector<View> views;
  Layout places;
};

// Of the output at `index`, which is used.
Sharing sharing_of(const Call& call, size_t index, const Assignments& assignments);

// Is this a call that changes what sizes or strides its argument has ("aten.unsqueeze_.default"), and its
// memory not? The target that makes a view instead, or "".
std::string view_target_of(const Call& call);

// The form of a view of what row-major memory holds that takes `places` of the memory of a tensor of
// `layout`: the views to follow from that tensor on. Empty when there is none: some places lie outside.
std::vector<View> views_of_places(const TensorMeta& meta, const Layout& layout, const Layout& places,
                                  const TensorMeta& result);

// What the view shows of `source`. `into`: the value to define, if not a new one.
Value* look(const View& view, Value* source, Emitter& emitter, Value* into = nullptr);

// `source`, which is a tensor of `meta`, with `seen` in place of what the view shows of it; `source` is
// called only where some of it remains. Throws kUnsupported when several of the elements seen are one.
Value* put_back(const View& view, const TensorMeta& meta, const std::function<Value*()>& source, Value* seen,
                Emitter& emitter);

}  // namespace slipway::torch::ir
