// ReverseSequence: the beginning of each sequence of a batch, turned round.
#include "base/error.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// Is the batch axis in front of the time axis? They are the first two.
bool is_batch_first(const Node& node, size_t rank) {
  const int64_t batch = node.int_attribute("batch_axis", 1), time = node.int_attribute("time_axis", 0);
  if (batch < 0 || batch > 1 || time != 1 - batch)
    fail(ErrorCode::kInvalidModel, "batch_axis is {} and time_axis {}, but one must be 0 and the other 1",
         batch, time);
  if (rank < 2) fail(ErrorCode::kInvalidModel, "the input has rank {}, but at least 2 was expected", rank);
  return batch == 0;
}

void infer(InferenceContext& context) {
  infer_like_first_input(context);
  if (const auto& shape = context.input_shape(0)) is_batch_first(context.node(), shape->size());
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  const bool batch_first = is_batch_first(context.node(), input.rank());
  const int64_t batch = input.dim(batch_first ? 0 : 1), time = input.dim(batch_first ? 1 : 0);
  const std::vector<int64_t> lengths = read_integers(context.input(1), "the sequences' lengths");
  if (static_cast<int64_t>(lengths.size()) != batch)
    fail(ErrorCode::kInvalidArgument, "{} lengths were given for a batch of {}", lengths.size(), batch);
  Tensor& output = context.make_output(0, input.type(), input.dims());
  const ElementMover mover(input, output);
  const int64_t inner = input.empty() ? 0 : input.count() / batch / time;
  for (int64_t b = 0; b < batch; ++b) {
    const int64_t length = lengths[static_cast<size_t>(b)];
    if (length < 0 || length > time)
      fail(ErrorCode::kInvalidArgument, "length {} of sequence {} is outside 0 to {}", length, b, time);
    const auto place = [&](int64_t t) { return (batch_first ? b * time + t : t * batch + b) * inner; };
    for (int64_t t = 0; t < time; ++t) mover.move(place(t < length ? length - 1 - t : t), place(t), inner);
  }
}

}  // namespace

void register_reverse_sequence(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "ReverseSequence",
                .since_version = 10,
                .inputs = {{"input", "T"}, {"sequence_lens", "tensor(int64)"}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"batch_axis", Kind::kInt}, {"time_axis", Kind::kInt}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
