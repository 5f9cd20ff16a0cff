#include "ops/pad.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "ops/axes_split.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

enum class Mode { kConstant, kReflect, kEdge, kWrap };

Mode mode_of(const Node& node) {
  const std::string mode = node.string_attribute("mode", "constant");
  if (mode == "constant") return Mode::kConstant;
  if (mode == "reflect") return Mode::kReflect;
  if (mode == "edge") return Mode::kEdge;
  if (mode == "wrap") return Mode::kWrap;
  fail(ErrorCode::kInvalidModel, "attribute 'mode' is '{}', but constant, reflect, edge or wrap was expected",
       mode);
}

struct AxisPad {
  int64_t begin = 0;
  int64_t end = 0;
};

// Sums of three sizes or pads of up to this fit.
constexpr int64_t kLimit = int64_t{1} << 60;

// One pad per axis of the tensor, from the list of begins and ends for the axes named.
std::vector<AxisPad> pads_of(const std::vector<int64_t>& pads,
                             const std::optional<std::vector<int64_t>>& axes, size_t rank) {
  const size_t count = axes ? axes->size() : rank;
  if (pads.size() != 2 * count)
    fail(ErrorCode::kInvalidArgument,
         "{} pads were given for {} axes, but a begin and an end for each were "
         "expected",
         pads.size(), count);
  for (const int64_t pad : pads)
    if (pad < -kLimit || pad > kLimit) fail(ErrorCode::kOutOfMemory, "a pad of {} is too large", pad);
  if (axes) named_axes(*axes, rank);
  std::vector<AxisPad> result(rank);
  for (size_t i = 0; i < count; ++i)
    result[axes ? normalize_axis((*axes)[i], rank) : i] = {pads[i], pads[i + count]};
  return result;
}

int64_t padded_size(int64_t size, const AxisPad& pad) {
  if (size > kLimit) fail(ErrorCode::kOutOfMemory, "an axis of size {} is too large", size);
  const int64_t result = size + pad.begin + pad.end;
  if (result < 0)
    fail(ErrorCode::kInvalidArgument, "pads of {} and {} leave nothing of an axis of size {}", pad.begin,
         pad.end, size);
  return result;
}

// Where the element at `position` (in the input's coordinates, maybe outside) comes from.
int64_t source_of(int64_t position, int64_t size, Mode mode) {
  if (position >= 0 && position < size) return position;
  switch (mode) {
    case Mode::kConstant:
      return kPadFill;
    case Mode::kEdge:
      return position < 0 ? 0 : size - 1;
    case Mode::kWrap:
      return ((position % size) + size) % size;
    case Mode::kReflect:
      break;
  }
  // Back and forth between the ends, which are not repeated.
  const int64_t period = size > 1 ? 2 * (size - 1) : 1;
  const int64_t phase = ((position % period) + period) % period;
  return phase < size ? phase : period - phase;
}

PadSources sources_along(int64_t size, const AxisPad& pad, Mode mode) {
  PadSources sources(static_cast<size_t>(padded_size(size, pad)));
  if (size == 0 && !sources.empty() && mode != Mode::kConstant)
    fail(ErrorCode::kInvalidArgument, "an axis of size 0 has nothing to pad with");
  for (size_t i = 0; i < sources.size(); ++i)
    sources[i] = source_of(static_cast<int64_t>(i) - pad.begin, size, mode);
  return sources;
}

std::vector<PadSources> sources_of(const Dims& dims, const std::vector<AxisPad>& pads, Mode mode) {
  std::vector<PadSources> sources;
  for (size_t axis = 0; axis < dims.size(); ++axis)
    sources.push_back(sources_along(dims[axis], pads[axis], mode));
  return sources;
}

std::vector<AxisPad> read_pads(const Tensor& pads, const Tensor* axes, size_t rank) {
  const auto named = axes ? std::optional(read_integers(*axes, "the axes")) : std::nullopt;
  return pads_of(read_integers(pads, "the pads"), named, rank);
}

Tensor fill_value(const KernelContext& context) {
  const DataType type = context.input(0).type();
  if (!context.has_input(2)) {
    Tensor zero(type, {});
    clear_elements(zero);
    return zero;
  }
  if (context.input(2).count() != 1)
    fail(ErrorCode::kInvalidArgument, "the constant is {}, but a scalar was expected",
         context.input(2).describe());
  return context.input(2);
}

void compute(KernelContext& context) {
  const Tensor& data = context.input(0);
  const auto pads =
      read_pads(context.input(1), context.has_input(3) ? &context.input(3) : nullptr, data.rank());
  const Mode mode = mode_of(context.node());
  Dims dims;
  for (size_t axis = 0; axis < data.rank(); ++axis) dims.push_back(padded_size(data.dim(axis), pads[axis]));
  const Tensor fill = fill_value(context);
  Tensor& output = context.make_output(0, data.type(), dims);
  const auto sources = sources_of(data.dims(), pads, mode);
  const ElementMover mover(data, output), filler(fill, output);
  const Dims strides = contiguous_strides(data.dims());
  StridedWalk<0> at(dims, {});
  for (int64_t i = 0; i < output.count(); ++i, at.next()) {
    int64_t offset = 0;
    bool inside = true;
    for (size_t axis = 0; axis < dims.size(); ++axis) {
      const int64_t source = sources[axis][static_cast<size_t>(at.index()[axis])];
      inside = inside && source != kPadFill;
      offset += source * strides[axis];
    }
    if (inside)
      mover.move(offset, i);
    else
      filler.move(0, i);
  }
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(type));
  const auto stated = context.input_integers(1, "the pads");
  const auto axes = context.input_integers(3, "the axes");
  Shape result(shape->size());
  if (stated && (axes || !context.has_input(3))) {
    const auto pads = pads_of(*stated, axes, shape->size());
    for (size_t axis = 0; axis < result.size(); ++axis) {
      const Dim& size = (*shape)[axis];
      if (size.is_known())
        result[axis] = padded_size(size.value(), pads[axis]);
      else if (const int64_t sum = pads[axis].begin + pads[axis].end; sum >= 0)
        result[axis] = size + Dim(sum);
      else
        result[axis] = size - Dim(-sum);
    }
  }
  context.set_output_type(0, Type::tensor(type, std::move(result)));
}

}  // namespace

std::vector<PadSources> pad_sources(const Node& node, const Dims& dims, const Tensor& pads,
                                    const Tensor* axes) {
  return sources_of(dims, read_pads(pads, axes, dims.size()), mode_of(node));
}

void register_pad(Registry& registry) {
  registry.add({.name = "Pad",
                .since_version = 25,
                .inputs = {{"data", "T"},
                           {"pads", "tensor(int64)"},
                           {"constant_value", "T", Arity::kOptional},
                           {"axes", "Tind", Arity::kOptional}},
                .outputs = {{"output", "T"}},
                .attributes = {{"mode", Attribute::Kind::kString}},
                .type_constraints = {{"T", kAnyTensor}, {"Tind", {DataType::kInt32, DataType::kInt64}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
