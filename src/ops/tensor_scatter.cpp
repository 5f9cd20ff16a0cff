// TensorScatter: writes an update into a cache along the sequence axis, from a position of each sample's own
// on.
#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

bool is_circular(const Node& node) {
  const std::string mode = node.string_attribute("mode", "linear");
  if (mode != "linear" && mode != "circular")
    fail(ErrorCode::kInvalidModel, "mode is '{}', but linear or circular was expected", mode);
  return mode == "circular";
}

size_t axis_of(const Node& node, size_t rank) {
  const size_t axis = normalize_axis(node.int_attribute("axis", -2), rank);
  if (axis == 0) fail(ErrorCode::kInvalidModel, "axis 0 is the batch's and cannot be the sequence's");
  return axis;
}

void infer(InferenceContext& context) {
  infer_like_first_input(context);
  is_circular(context.node());
  if (const auto& shape = context.input_shape(0)) axis_of(context.node(), shape->size());
}

// One position a sample; all 0 unless given.
std::vector<int64_t> positions(const KernelContext& context, int64_t batch) {
  if (!context.has_input(2)) return std::vector<int64_t>(static_cast<size_t>(batch), 0);
  std::vector<int64_t> result = read_integers(context.input(2), "the write indices");
  if (static_cast<int64_t>(result.size()) != batch)
    fail(ErrorCode::kInvalidArgument, "{} write indices were given for a batch of {}", result.size(), batch);
  return result;
}

void check_update(const Tensor& cache, const Tensor& update, size_t axis) {
  Dims expected = cache.dims();
  if (update.rank() == cache.rank()) expected[axis] = update.dim(axis);
  if (update.dims() != expected || update.dim(axis) > cache.dim(axis))
    fail(ErrorCode::kInvalidArgument, "an update of shape {} does not fit a cache of shape {} along axis {}",
         to_string(update.dims()), to_string(cache.dims()), axis);
}

// Where the i-th row of an update that starts at `position` goes.
int64_t row_in_cache(int64_t position, int64_t i, int64_t size, bool circular) {
  if (!circular) return position + i;
  return ((position % size + size) % size + i) % size;
}

void compute(KernelContext& context) {
  const Tensor& cache = context.input(0);
  const Tensor& update = context.input(1);
  const bool circular = is_circular(context.node());
  const size_t axis = axis_of(context.node(), cache.rank());
  check_update(cache, update, axis);
  const std::vector<int64_t> starts = positions(context, cache.dim(0));
  Tensor& output = context.make_output(0, cache.type(), cache.dims());
  if (output.empty()) return;
  ElementMover(cache, output).move(0, 0, cache.count());
  const ElementMover mover(update, output);
  const AxisSplit to = split_at(cache.dims(), axis), from = split_at(update.dims(), axis);
  for (int64_t outer = 0; outer < to.outer; ++outer) {
    const int64_t start = starts[static_cast<size_t>(outer / (to.outer / cache.dim(0)))];
    if (!circular && (start < 0 || start > to.size - from.size))
      fail(ErrorCode::kInvalidArgument, "{} rows from {} on do not fit into a cache of {}", from.size, start,
           to.size);
    for (int64_t i = 0; i < from.size; ++i)
      mover.move((outer * from.size + i) * to.inner,
                 (outer * to.size + row_in_cache(start, i, to.size, circular)) * to.inner, to.inner);
  }
}

}  // namespace

void register_tensor_scatter(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add(
      {.name = "TensorScatter",
       .since_version = 24,
       .inputs = {{"past_cache", "T"}, {"update", "T"}, {"write_indices", "tensor(int64)", Arity::kOptional}},
       .outputs = {{"present_cache", "T"}},
       .attributes = {{"axis", Kind::kInt}, {"mode", Kind::kString}},
       .type_constraints = {{"T", kAnyTensor}},
       .infer = infer,
       .compute = compute});
}

}  // namespace slipway::ops
