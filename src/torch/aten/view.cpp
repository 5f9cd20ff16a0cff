// The same elements in the same order, under other sizes.
#include "base/error.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {

namespace {

// The tracer tells what becomes of -1; where it does not tell a size, the call may.
Shape viewed_sizes(const Conversion& c) {
  Shape sizes = c.result_meta().sizes;
  for (const char* argument : {"size", "shape"}) {
    if (!c.has(argument)) continue;
    const std::vector<Dim> stated = c.dims(argument);
    for (size_t i = 0; i < sizes.size() && stated.size() == sizes.size(); ++i)
      if (sizes[i].is_unknown()) sizes[i] = stated[i];
  }
  return sizes;
}

}  // namespace

// view, reshape, view_as, reshape_as, unflatten, ravel
void convert_view(Conversion& c) {
  c.result(reshape(c, c.tensor("self"), c.meta("self").sizes, viewed_sizes(c)));
}

void convert_flatten(Conversion& c) {
  const Shape& from = c.meta("self").sizes;
  const int64_t rank = c.rank("self");
  // Flatten says what is meant for any batch, Reshape for this one.
  const bool all_but_first = c.axis("start_dim", rank, 0) == 1 && c.axis("end_dim", rank, -1) == rank - 1;
  if (rank > 2 && all_but_first) return c.result(c.emit("Flatten", {c.tensor("self")}));
  c.result(reshape(c, c.tensor("self"), from, c.result_meta().sizes));
}

// squeeze, squeeze.dim, squeeze.dims: of the axes that are given those of size 1.
void convert_squeeze(Conversion& c) {
  const Shape& sizes = c.meta("self").sizes;
  const auto rank = static_cast<int64_t>(sizes.size());
  std::vector<int64_t> axes = c.has("dim") ? c.integers("dim") : consecutive(0, rank);
  std::vector<int64_t> squeezed;
  for (const int64_t axis : axes) {
    if (axis < -std::max<int64_t>(rank, 1) || axis >= std::max<int64_t>(rank, 1))
      fail(ErrorCode::kInvalidModel, "the argument 'dim' is {}, outside of a tensor of rank {}", axis, rank);
    const int64_t place = axis < 0 ? axis + rank : axis;
    if (rank > 0 && sizes[static_cast<size_t>(place)] == Dim(1)) squeezed.push_back(place);
  }
  c.result(squeeze(c, c.tensor("self"), squeezed));
}

void convert_unsqueeze(Conversion& c) {
  c.result(unsqueeze(c, c.tensor("self"), {c.axis("dim", c.rank("self") + 1)}));
}

// atleast_1d, atleast_2d, atleast_3d
void convert_at_least(Conversion& c) {
  c.result(reshape(c, c.tensor("self"), c.meta("self").sizes, c.result_meta().sizes));
}

// view.dtype: the same bytes as another type.
void convert_view_dtype(Conversion& c) {
  const DataType from = c.meta("self").type, to = c.result_meta().type;
  if (bits_of(from) != bits_of(to)) c.refuse("it joins or splits elements; ONNX keeps their number");
  // Between whole numbers Cast keeps the bits; BitCast came late.
  const bool whole = is_integer(from) && is_integer(to);
  c.result(from == to ? c.tensor("self")
                      : c.emit(whole ? "Cast" : "BitCast", {c.tensor("self")}, {{"to", to}}));
}

}  // namespace slipway::torch::aten
